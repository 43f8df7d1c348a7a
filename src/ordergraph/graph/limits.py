"""Limits on documents, in addition to the validation rules of the specification."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import ASTValidationRule, NoSchemaIntrospectionCustomRule
from strawberry.extensions import AddValidationRules, MaxAliasesLimiter, QueryDepthLimiter
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from ordergraph.settings import Limits


def rules(limits: Limits, *, introspection: bool) -> Sequence[type[ASTValidationRule]]:
    """Return the validation rules for documents, including Strawberry's rules for inputs."""
    limiters: Sequence[AddValidationRules] = (QueryDepthLimiter(limits.depth), MaxAliasesLimiter(limits.aliases))
    limited = [rule for limiter in limiters for rule in limiter.validation_rules]
    hidden = [] if introspection else [NoSchemaIntrospectionCustomRule]
    return [*limited, MaybeNullValidationRule, OneOfInputValidationRule, *hidden]

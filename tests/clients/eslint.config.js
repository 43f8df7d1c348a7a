// The rules for the schema: those that graphql-eslint recommends, and Relay's. Each option has its reason.

import { fileURLToPath } from "node:url";

import graphql from "@graphql-eslint/eslint-plugin";

const schema = fileURLToPath(new URL("../../schema.graphql", import.meta.url));
const recommended = graphql.configs["flat/schema-recommended"].rules;
const relay = graphql.configs["flat/schema-relay"].rules;
const [severity, names] = recommended["@graphql-eslint/naming-convention"];
const ofTypes = "ObjectTypeDefinition,ObjectTypeExtension";

// Values: they belong to the object that contains them, and cannot be fetched alone. A new type without an ID is
// either a value or should be a Node.
const values = `
  AccountHealth ActionAvailability Actor Address Cancellation Capability ChargeItem Money Note OrderChange
  OrderProblem OrderRequirement PageInfo Party Settlement ShipmentItem SourceReport StatusChange
  SubscriptionChangePreview SubscriptionItem UnknownValue UserError VendorResponse VendorCall WatchError
  NuviasAcronisOrder NuviasApiClient NuviasAuditLog NuviasChargeCost NuviasDropboxOrder NuviasFinance
  NuviasOrderHistory NuviasPermission NuviasRatePlan NuviasRatePlanCharge NuviasRelatedProduct
  NuviasSavedAddress NuviasShippingPrice NuviasSubscriptionProduct NuviasUnit NuviasZoomOrder
  PalmettoContact
  SonataAddress SonataCancelRequest SonataContact SonataCoordinatedAction SonataDeliveryDateRequest
  SonataDuration SonataItemRelationship SonataMilestone SonataNote SonataProductRelationship
  SonataQualificationItem SonataQuoteItem SonataSubAddress SonataSubUnit SonataTerm SonataTerminationError
  VerifoneAddress VerifoneAdjustedPrice VerifoneContact VerifoneCustomerOrderLink VerifoneExternalOnboarding
  VerifoneInternal VerifoneMerchant VerifoneMerchantIdentifiers VerifoneName VerifoneNotification
  VerifoneNotificationReminder VerifoneNotificationReminders VerifoneOpeningHours VerifoneOpeningPeriod
  VerifoneOrderCancellation VerifoneOrderStats VerifonePhone VerifoneProcessorParameters VerifoneSigner
  VerifoneSigningInformation VerifoneVariable VerifoneVmssApplication
`;

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...recommended,
      ...relay,
      "@graphql-eslint/naming-convention": [
        severity,
        // "Shipping type" is Nuvias's term. It does not refer to GraphQL types.
        { ...names, [ofTypes]: { ...names[ofTypes], ignorePattern: "^NuviasShippingType$" } },
      ],
      // Lists that a vendor sends completely with the parent, and short reference data, are plain lists. Connections also
      // have `nodes`, for clients that need no cursors.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
      "@graphql-eslint/strict-id-in-types": [
        "error",
        // Parts of lists, payloads of mutations, and vendor-specific details of an object are not objects themselves.
        { exceptions: { types: values.trim().split(/\s+/), suffixes: ["Connection", "Details", "Edge", "Payload"] } },
      ],
    },
  },
];

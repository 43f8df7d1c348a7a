// The schema's rules: those that graphql-eslint recommends, and Relay's. Each option has its reason.

import { fileURLToPath } from "node:url";

import graphql from "@graphql-eslint/eslint-plugin";

const schema = fileURLToPath(new URL("../../schema.graphql", import.meta.url));
const recommended = graphql.configs["flat/schema-recommended"].rules;
const relay = graphql.configs["flat/schema-relay"].rules;
const [severity, names] = recommended["@graphql-eslint/naming-convention"];
const ofTypes = "ObjectTypeDefinition,ObjectTypeExtension";

// Values: they belong to the object that they are in, and cannot be fetched alone. A new type without an ID is
// either one of them, or should be a Node.
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
        // "Shipping type" is Nuvias's own word; it says nothing of GraphQL types.
        { ...names, [ofTypes]: { ...names[ofTypes], ignorePattern: "^NuviasShippingType$" } },
      ],
      // What a vendor sends whole with its parent, and short reference data, is a plain list. Connections also have
      // `nodes`, for who needs no cursors.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
      "@graphql-eslint/strict-id-in-types": [
        "error",
        // Parts of lists, answers of mutations and what only one vendor tells of an object are no objects themselves.
        { exceptions: { types: values.trim().split(/\s+/), suffixes: ["Connection", "Details", "Edge", "Payload"] } },
      ],
    },
  },
];

// The recommended configuration of GraphQL Code Generator.

/** @type {import("@graphql-codegen/cli").CodegenConfig} */
export default {
  schema: "../../schema.graphql",
  documents: "codegen/*.ts",
  emitLegacyCommonJSImports: false,
  generates: {
    "generated/codegen/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "getFragmentData" } }, // `useFragment` is not a React hook
      config: {
        // Unknown scalars are errors instead of `any`.
        strictScalars: true,
        defaultScalarType: "unknown",
        scalars: {
          CountryCode: "string",
          CurrencyCode: "string",
          Date: "string",
          DateTime: "string",
          // An exact number, as a string. Use a library such as big.js for calculations.
          Decimal: { input: "string | number", output: "string" },
          JSON: "unknown",
        },
        // Enums as unions of strings. New values are announced, and need no new code.
        enumsAsTypes: true,
      },
    },
  },
};

// What the documents recommend for GraphQL Code Generator.

/** @type {import("@graphql-codegen/cli").CodegenConfig} */
export default {
  schema: "../../schema.graphql",
  documents: "codegen/*.ts",
  emitLegacyCommonJSImports: false,
  generates: {
    "generated/codegen/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: { unmaskFunctionName: "getFragmentData" } }, // `useFragment` is no React hook
      config: {
        // An unknown scalar fails here, and is not silently `any`.
        strictScalars: true,
        defaultScalarType: "unknown",
        scalars: {
          CountryCode: "string",
          CurrencyCode: "string",
          Date: "string",
          DateTime: "string",
          // Exact, so a string; for calculations hand it to a library such as big.js.
          Decimal: { input: "string | number", output: "string" },
          JSON: "unknown",
        },
        // Enums as unions of strings: new values are announced, and need no new code.
        enumsAsTypes: true,
      },
    },
  },
};

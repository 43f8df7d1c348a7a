DRAFT = """mutation($product: ID!, $key: String!) { createDraftOrder(input: {
    idempotencyKey: $key, accountId: "Account:nuvias", purchaseOrderNumber: "PO",
    lineItems: [{product: {id: $product}}], details: {nuvias: {shippingTypeId: "NuviasShippingType:nuvias:1"}},
    shippingAddress: {recipientName: "A", lines: ["1"], city: "York", postalCode: "YO1 7HH", countryCode: "GB"}
}) { order { id } userErrors { code message field } } }"""
"""Creates a draft with the account `nuvias`."""

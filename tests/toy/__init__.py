"""Toybox: an invented vendor of toys, as small as a vendor can be. docs/adding-a-vendor.md walks through it.

The contract. Every call has the header ``Authorization: Bearer <API key>``; times are ISO 8601.

    GET  /orders?since&until&sort&page&size   a list of orders, X-Total says how many there are
    GET  /orders/{id}                         one order
    POST /orders                              order something
    POST /orders/{id}/cancel                  while it is open

The list holds what was placed from ``since`` to ``until``, both included, sorted by the time of placing:
``newest`` first or ``oldest`` first. An order is open, then sent, then done; while it is open, Toybox may decline
it. It has 1 or more lines of a SKU, a quantity and a price, and it can be wrapped. An error (400, 401, 404, 409, 422)
has a code, a message and, where fields are wrong, what is wrong with each.
"""

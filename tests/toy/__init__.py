"""Toybox: an invented vendor of toys, as small as a vendor can be. docs/adding-a-vendor.md explains it step by step.

This is its API. Every call has the header ``Authorization: Bearer <API key>``. Times are in ISO 8601.

    GET  /orders?since&until&sort&page&size   a page of orders; X-Total has the number of all
    GET  /orders/{id}                         one order
    POST /orders                              place an order
    POST /orders/{id}/cancel                  cancel an open order

The list has the orders that were placed from ``since`` to ``until``, both inclusive. It is sorted by that time,
``newest`` or ``oldest`` first. An order is open, then sent, then done. While it is open, Toybox may decline it. It has
one or more lines with a SKU, a quantity and a price, and it can be wrapped. An error (400, 401, 404, 409, 422) has a
code, a message and the problems of invalid fields.
"""

// Package api is the HTTP edge: it binds, takes the actor from the session or token, calls one use
// case, and maps what comes back. It decides nothing: who may do what is decided in the use cases.
// Echo and huma appear here only. Every route is typed and stands in the OpenAPI document at
// /api/openapi.json; a test compares that document with the routes Echo knows.
package api

// Swagger UI is fastapi-offline's copy. Its badge would ask another host whether the API is valid.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
});

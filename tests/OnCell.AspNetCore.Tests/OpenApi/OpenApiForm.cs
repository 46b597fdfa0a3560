using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OnCell.AspNetCore.Description;

namespace OnCell.AspNetCore.Tests.OpenApi;

/// <summary>What the document says beyond the routes: its title, who may call, and OnCell's one JSON form.</summary>
internal static class OpenApiForm
{
    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "OnCell",
                Version = "v1",
                Description = "Coding agents in isolated cells: customers, cells, agents, runs. Every failure is application/problem+json (RFC 9457).",
            };
            document.Servers = null;
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["apiKey"] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "An API key, oc_…; or whatever the application's own authentication asks for.",
                },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("apiKey", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, ct) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            foreach (var query in metadata.OfType<QueryDescription>())
                Add(operation, query.Name, ParameterLocation.Query, query.What);
            if (context.Description.HttpMethod == "POST")
                Add(operation, "Idempotency-Key", ParameterLocation.Header, "Two requests with one key are one, for a day.");
            if (metadata.OfType<BodyDescription>().FirstOrDefault() is { } body)
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        [body.Type == typeof(Stream) ? "application/zip" : "application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(body.Type, null, ct) },
                    },
                };
            }
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // The application's own JSON options are not the API's: it writes enums as camel-case text.
            var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
            if (!type.IsEnum) return Task.CompletedTask;
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. Enum.GetNames(type).Select(n => (JsonNode)JsonValue.Create(JsonNamingPolicy.CamelCase.ConvertName(n))!)];
            return Task.CompletedTask;
        });
    }

    private static void Add(OpenApiOperation operation, string name, ParameterLocation place, string what)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = name,
            In = place,
            Description = what,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }
}

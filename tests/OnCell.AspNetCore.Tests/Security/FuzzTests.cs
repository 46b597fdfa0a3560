using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OnCell.AspNetCore.Tests.Security;

/// <summary>Every parameter and every field of every operation of the OpenAPI document, wrong in all the ways there are.</summary>
public sealed partial class FuzzTests(ServiceFixture fixture)
{
    /// <summary>A refusal repeats what was wrong, and not all of a long text.</summary>
    private const int MaxDetail = 2000;

    private const int AtOnce = 4;

    [Fact]
    public async Task Whatever_is_wrong_with_a_request_is_refused_and_told()
    {
        var service = fixture.Service;
        var faults = new System.Collections.Concurrent.ConcurrentBag<string>();
        var sent = 0;
        var operations = FuzzedOperation.All().ToArray();
        await Parallel.ForEachAsync(operations, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken }, async (operation, ct) =>
        {
            foreach (var (request, what, field) in operation.Requests())
            {
                using (request)
                using (var response = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct))
                {
                    Interlocked.Increment(ref sent);
                    var fault = (int)response.StatusCode is < 400 or >= 500
                        ? $"{(int)response.StatusCode}"
                        : Fault(response, await response.Content.ReadAsStringAsync(ct), field);
                    if (fault is not null) faults.Add($"{operation}, {what}: {fault}");
                }
            }
        });

        Assert.True(faults.IsEmpty, $"{faults.Count} of {sent}:\n{string.Join('\n', faults.Order(StringComparer.Ordinal).Take(60))}");
        Assert.True(sent > 10 * operations.Length, $"only {sent} requests");
        Assert.Equal("acme", Assert.Single(JsonNode.Parse(await service.Http.GetStringAsync("/v1/customers?agent=TestAgent&after=acm&limit=1"))!.AsArray())!["customer"]!.GetValue<string>());
    }

    private string? Fault(HttpResponseMessage response, string body, string? field)
    {
        if (body.Length == 0) return response.Content.Headers.ContentType is null ? null : "a type without a body"; // the server's own refusal
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return $"is {response.Content.Headers.ContentType}";
        var problem = JsonNode.Parse(body)!;
        var detail = (string?)problem["detail"] ?? "";
        if (detail.Length is 0 or > MaxDetail) return $"a detail of {detail.Length} characters";
        if (OfTheCode().IsMatch(detail) || detail.Contains(fixture.Service.DataRoot, StringComparison.Ordinal)) return $"tells of the service's inside: {detail}";
        if ((int)response.StatusCode == 400 && field is not null && (string?)problem["field"] != field) return $"names \"{problem["field"]}\", not \"{field}\": {detail}";
        return null;
    }

    [GeneratedRegex(@"System\.|OnCell\.AspNetCore|\.NET|SQLite|Parameter '|BytePosition|   at ")]
    private static partial Regex OfTheCode();
}

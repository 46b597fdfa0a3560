using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OnCell.AspNetCore.Tests.Contract;

/// <summary>A customer's own quotas over HTTP: set with it or later, seen by it, raised only by those who manage all customers.</summary>
public abstract class QuotaContract(ServiceFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected Service Service => fixture.Service;

    [Fact]
    public async Task Quotas_are_set_with_a_customer_seen_by_it_and_raised_by_others()
    {
        using var made = await Service.Http.PostAsJsonAsync("/v1/customers", new { id = "frugal", quotas = new { tokensPerMonth = 3, storage = "1gb" } }, Ct);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal(3, (long)(await made.Content.ReadFromJsonAsync<JsonNode>(Ct))!["quotas"]!["tokensPerMonth"]!);
        await Service.RunAsync("frugal", "ask", new { prompt = "one" });
        await Service.RunAsync("frugal", "ask", new { prompt = "two" });
        using var refused = await Service.Http.PostAsJsonAsync("/v1/agents/ask", new { customer = "frugal", input = new { prompt = "three" } }, Ct);
        await AgentApiTests.AssertProblemAsync(refused, 429, "\"frugal\" has used up its quota tokensPerMonth: 4 of 3.");

        using var own = await Service.ClientAsync("frugal", "run", "manage");
        var seen = (await own.GetFromJsonAsync<JsonNode>("/v1/customers/frugal/quotas", Ct))!;
        Assert.Equal("""{"tokensPerMonth":3,"storage":"1gb"}""", seen["own"]!.ToJsonString());
        Assert.Equal([("tokensPerMonth", 3.0, 4.0, true), ("storage", 1e9, 3e8, true)], seen["quotas"]!.AsArray()
            .Select(q => ((string)q!["quota"]!, (double)q["limit"]!, (double)q["used"]!, (bool)q["own"]!)));
        Assert.Equal(1, DateTimeOffset.Parse((string)seen["quotas"]![0]!["until"]!).Day);
        Assert.Equal(2, (await own.GetFromJsonAsync<JsonNode>("/v1/customers/frugal/usage", Ct))!["quotas"]!.AsArray().Count);
        using var raised = await own.PutAsJsonAsync("/v1/customers/frugal/quotas", new { tokensPerMonth = 1000 }, Ct);
        await AgentApiTests.AssertProblemAsync(raised, 403, "access to all customers");
        using var another = await own.PostAsJsonAsync("/v1/customers", new { id = "frugal", quotas = new { tokensPerMonth = 1000 } }, Ct);
        await AgentApiTests.AssertProblemAsync(another, 403, "Setting quotas needs access to all customers");

        using var manager = await Service.ClientAsync(null, "manage");
        using var set = await manager.PutAsJsonAsync("/v1/customers/frugal/quotas", new { tokensPerMonth = 1000 }, Ct);
        Assert.Equal("""{"tokensPerMonth":1000}""", (await set.Content.ReadFromJsonAsync<JsonNode>(Ct))!["own"]!.ToJsonString()); // in the place of all there was
        Assert.Equal("THREE", (string?)await Service.RunAsync("frugal", "ask", new { prompt = "three" }));
        Assert.Contains("customers.quotas.set", await Service.Http.GetStringAsync("/v1/audit?customer=frugal", Ct), StringComparison.Ordinal);
        (await Service.Http.DeleteAsync("/v1/customers/frugal", Ct)).Dispose();
    }

    [Theory]
    [InlineData("""{"tokensPerMonth":-1}""", "tokensPerMonth")]
    [InlineData("""{"tokensPerMonth":1.5}""", "tokensPerMonth")]
    [InlineData("""{"tokensPerMonth":99999999999999999999}""", "tokensPerMonth")]
    [InlineData("""{"computeHoursPerMonth":1e300}""", "computeHoursPerMonth")]
    [InlineData("""{"computeHoursPerMonth":"NaN"}""", "computeHoursPerMonth")]
    [InlineData("""{"storage":50}""", "storage")]
    [InlineData("""{"storage":"50"}""", "storage")]
    [InlineData("""{"tokens":50}""", "tokens")]
    public async Task A_wrong_quota_names_its_field(string body, string field)
    {
        using var set = await Service.Http.PutAsync("/v1/customers/acme/quotas", new StringContent(body), Ct);
        Assert.Equal((HttpStatusCode.BadRequest, field), (set.StatusCode, (string?)JsonNode.Parse(await set.Content.ReadAsStringAsync(Ct))!["field"]));
        using var made = await Service.Http.PostAsync("/v1/customers", new StringContent($$"""{"id":"never","quotas":{{body}}}"""), Ct);
        Assert.Equal((HttpStatusCode.BadRequest, "quotas." + field), (made.StatusCode, (string?)JsonNode.Parse(await made.Content.ReadAsStringAsync(Ct))!["field"]));
        Assert.Equal("{}", (await Service.Http.GetFromJsonAsync<JsonNode>("/v1/customers/acme/quotas", Ct))!["own"]!.ToJsonString());
    }
}

public sealed class QuotaTests(ServiceFixture fixture) : QuotaContract(fixture);

public sealed class InProcessQuotaTests(InProcessFixture fixture) : QuotaContract(fixture);

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OnCell.AspNetCore.Tests.Contract;

/// <summary>Two requests with one key are one: at every POST that is no run.</summary>
public abstract class IdempotencyContract(ServiceFixture fixture)
{
    private Service Service => fixture.Service;

    [Fact]
    public async Task A_repeated_request_is_answered_as_the_first()
    {
        var key = Guid.NewGuid().ToString();
        using var first = await PostAsync("/v1/keys", key, new { name = "once", areas = new[] { "run" } });
        using var second = await PostAsync("/v1/keys", key, new { name = "once", areas = new[] { "run" } });
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.StatusCode, second.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);

        using var other = await PostAsync("/v1/keys", key, new { name = "twice", areas = new[] { "run" } });
        await AgentApiTests.AssertProblemAsync(other, 422, "another body");
        using var elsewhere = await PostAsync("/v1/customers/acme/resume", key, null);
        Assert.Equal(HttpStatusCode.OK, elsewhere.StatusCode);
    }

    [Fact]
    public async Task Two_at_once_make_one_and_nobody_waits_in_vain()
    {
        var key = Guid.NewGuid().ToString();
        var before = await CountAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync("/v1/keys", key, new { name = "race", areas = new[] { "run" } })));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict));
        using var settled = await PostAsync("/v1/keys", key, new { name = "race", areas = new[] { "run" } });
        Assert.Equal(HttpStatusCode.Created, settled.StatusCode);
        Assert.Equal(before + 1, await CountAsync());
    }

    [Fact]
    public async Task A_refusal_is_repeated_too_and_a_key_that_is_too_long_is_refused()
    {
        var key = Guid.NewGuid().ToString();
        for (var i = 0; i < 2; i++)
        {
            using var conflict = await PostAsync("/v1/customers", key, new { id = "acme" });
            await AgentApiTests.AssertProblemAsync(conflict, 409, "exists");
        }

        using var tooLong = await PostAsync("/v1/keys", new string('k', 201), new { name = "x", areas = new[] { "run" } });
        await AgentApiTests.AssertProblemAsync(tooLong, 400, "Idempotency-Key");
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string key, object? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        return await Service.Http.SendAsync(request);
    }

    private async Task<int> CountAsync() =>
        (await Service.Http.GetFromJsonAsync<JsonArray>("/v1/keys?limit=1000"))!.Count(k => k!["name"]!.GetValue<string>() == "race");
}

public sealed class IdempotencyTests(ServiceFixture fixture) : IdempotencyContract(fixture);

public sealed class InProcessIdempotencyTests(InProcessFixture fixture) : IdempotencyContract(fixture);

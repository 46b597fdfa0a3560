using System.Net.Sockets;
using System.Text.Json;
using Docker.DotNet;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Docker;

/// <summary>Calls of the Docker engine, each with a time-out and an error that says what to do.</summary>
internal sealed class DockerEngine(DockerOptions options) : IDisposable
{
    private readonly DockerClient _client =
        new DockerClientBuilder().WithEndpoint(options.Endpoint).WithTimeout(Timeout.InfiniteTimeSpan).Build();

    internal Uri Endpoint => options.Endpoint;

    /// <summary>Makes a call that may take <see cref="DockerOptions.CommandTimeout"/>.</summary>
    /// <param name="what">What is asked, as a verb and its object: "list containers".</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SandboxException">The engine cannot be reached, refused, or did not answer in time.</exception>
    internal Task<T> CallAsync<T>(string what, Func<IDockerClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        CallAsync(what, options.CommandTimeout, call, cancellationToken);

    /// <summary>Makes a call that may take as long as is said.</summary>
    internal async Task<T> CallAsync<T>(
        string what, TimeSpan timeout, Func<IDockerClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            return await call(_client, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SandboxException(
                $"The Docker engine at {Endpoint} did not {what} within {timeout.TotalSeconds:0.#} s: it hangs or is overloaded. "
                + "Look at its log ('journalctl -u docker'), and restart it if need be.");
        }
        catch (DockerApiException error)
        {
            throw new DockerEngineException(
                $"The Docker engine at {Endpoint} could not {what}: {Message(error)}", error);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or IOException or TimeoutException)
        {
            throw new SandboxException(
                $"The Docker engine at {Endpoint} could not be asked to {what} ({error.Message}). Is dockerd running, "
                + $"and may user {Libc.EffectiveUser()} open its socket (group docker)?",
                error);
        }
    }

    /// <summary>Makes a call without a result.</summary>
    internal Task CallAsync(string what, Func<IDockerClient, CancellationToken, Task> call, CancellationToken cancellationToken) =>
        CallAsync(
            what,
            async (client, token) =>
            {
                await call(client, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    public void Dispose() => _client.Dispose();

    private static string Message(DockerApiException error)
    {
        try
        {
            using var body = JsonDocument.Parse(error.ResponseBody ?? "");
            if (body.RootElement.TryGetProperty("message", out var message))
                return message.GetString() ?? error.Message;
        }
        catch (JsonException)
        {
            // not every answer is JSON
        }

        return $"{(int)error.StatusCode} {error.ResponseBody}";
    }
}

/// <summary>The engine answered, and the answer is no.</summary>
internal sealed class DockerEngineException(string message, DockerApiException error) : SandboxException(message, error)
{
    internal bool NotFound => error.StatusCode == System.Net.HttpStatusCode.NotFound;

    internal bool Conflict => error.StatusCode == System.Net.HttpStatusCode.Conflict;
}

using System.Globalization;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using OnCell.Client.Json;
using OnCell.Client.Transport;

namespace OnCell.Client.Streaming;

/// <summary>Reads a run's events to their end, over as many connections as it takes.</summary>
internal sealed class RunEventReader(ApiTransport api, string runPath)
{
    /// <summary>How many connections in a row may bring nothing before it is given up.</summary>
    private const int MaxIdleConnections = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Reads on from an answer that is open already, or from a new connection.</summary>
    public async IAsyncEnumerable<RunEvent> ReadAsync(
        HttpResponseMessage? open, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var idle = 0;
        while (true)
        {
            using var response = open ?? await ConnectAsync(after, cancellationToken).ConfigureAwait(false);
            open = null;
            await foreach (var e in EventsAsync(response, cancellationToken).ConfigureAwait(false))
            {
                idle = 0;
                if (e.Id is { } id) after = id;
                yield return e;
                if (e.IsLast) yield break;
            }

            // The service ended the stream, or the connection broke. A run that ended before "after" tells nothing more.
            if (!(await api.GetAsync(runPath, ClientJson.Default.Run, cancellationToken).ConfigureAwait(false)).IsOpen && idle > 0) yield break;
            if (++idle > MaxIdleConnections)
                throw new OnCellUnreachableException($"The stream of {runPath} broke {MaxIdleConnections} times in a row.");
            await Task.Delay(Pause * idle, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<HttpResponseMessage> ConnectAsync(long after, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"{runPath}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (after > 0) request.Headers.Add("Last-Event-ID", after.ToString(CultureInfo.InvariantCulture));
        return api.OpenAsync(request, cancellationToken);
    }

    /// <summary>One connection's events. A connection that breaks just ends: what follows is on the next.</summary>
    private static async IAsyncEnumerable<RunEvent> EventsAsync(
        HttpResponseMessage response, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var events = SseParser.Create(body).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await events.MoveNextAsync().ConfigureAwait(false)) yield break;
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                yield break;
            }

            // The service's own "the stream failed" is a break like any other: the run goes on without it.
            if (events.Current.EventType == "stream.failed") yield break;
            yield return Parse(events.Current);
        }
    }

    private static RunEvent Parse(SseItem<string> item)
    {
        var id = long.TryParse(item.EventId, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (long?)null;
        return new RunEvent(id, item.EventType, JsonSerializer.Deserialize(item.Data, ClientJson.Default.JsonObject) ?? []);
    }
}

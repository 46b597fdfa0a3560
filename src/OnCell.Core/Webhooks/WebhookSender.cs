using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using OnCell.Sandboxes;

namespace OnCell.Webhooks;

/// <summary>Sends what is due, to several webhooks at once and to each one message after the other, and waits for what is due next.</summary>
internal sealed class WebhookSender(WebhookTable table, WebhookOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>How many webhooks are sent to at once: one that is slow holds up its own messages and, up to here, nobody else's.</summary>
    private const int AtOnce = 32;
    private const int MaxAnswer = 200;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(4);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _news = new(0, 1);
    private readonly IPNetwork[] _allowed = [.. options.Allow.Select(Network)];

    /// <summary>The signature's header: <c>t=UNIX,v1=HEX</c>, the HMAC-SHA-256 of <c>t.body</c> by the webhook's secret.</summary>
    internal static string Sign(string secret, long unixSeconds, string body) => string.Create(CultureInfo.InvariantCulture,
        $"t={unixSeconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{unixSeconds}.{body}")))}");

    /// <summary>Says that there is something to send.</summary>
    public void Wake()
    {
        lock (_news)
        {
            if (_news.CurrentCount == 0) _news.Release();
        }
    }

    public void Dispose() => _news.Dispose();

    public async Task RunAsync(CancellationToken stopping)
    {
        using var http = CreateClient();
        var sending = new Dictionary<string, Task>(StringComparer.Ordinal);
        var pruned = DateTimeOffset.MinValue;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (time.GetUtcNow() - pruned > PruneInterval)
                {
                    table.Prune();
                    pruned = time.GetUtcNow();
                }

                await EndAsync(sending).ConfigureAwait(false);
                foreach (var message in table.Due(AtOnce - sending.Count, sending.Keys))
                    sending.Add(message.Webhook, SendAsync(http, message, stopping));
                await WaitAsync(sending, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // What is pending is sent by the next process.
            }
            catch (Exception e)
            {
                WebhookLog.Failed(logger, e);
                await Task.Delay(options.FirstDelay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(sending.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Takes out what has been sent, and throws what one of them threw.</summary>
    private static async Task EndAsync(Dictionary<string, Task> sending)
    {
        foreach (var (webhook, sent) in sending.Where(s => s.Value.IsCompleted).ToArray())
        {
            sending.Remove(webhook);
            await sent.ConfigureAwait(false);
        }
    }

    private static IPNetwork Network(string text) => IPNetwork.TryParse(text, out var network)
        ? network
        : throw new OnCellException(OnCellError.Invalid, $"OnCell:Webhooks:Allow has \"{text}\", which is no network such as 10.1.2.0/24.");

    private async Task WaitAsync(Dictionary<string, Task> sending, CancellationToken stopping)
    {
        var wait = sending.Count < AtOnce && table.NextDue(sending.Keys) is { } next ? next - time.GetUtcNow() : LongestWait;
        if (wait > LongestWait) wait = LongestWait;
        if (wait <= TimeSpan.Zero) return;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var due = Task.Delay(wait, time, timer.Token);
        await Task.WhenAny([due, _news.WaitAsync(timer.Token), .. sending.Values]).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
    }

    private async Task SendAsync(HttpClient http, Outgoing message, CancellationToken stopping)
    {
        if (table.All.FirstOrDefault(w => w.Id == message.Webhook) is not { } webhook) return; // removed meanwhile, with its messages
        var attempts = message.Attempts + 1;
        var (delivered, answer) = await TryAsync(http, webhook, message, stopping).ConfigureAwait(false);
        if (delivered)
            table.SetOutcome(message.Id, DeliveryState.Delivered, attempts, null, answer);
        else if (attempts >= options.MaxAttempts)
            table.SetOutcome(message.Id, DeliveryState.Failed, attempts, null, answer);
        else
            table.SetOutcome(message.Id, DeliveryState.Pending, attempts, time.GetUtcNow() + DelayAfter(attempts), answer);
        if (!delivered) WebhookLog.NotTaken(logger, webhook.Id, message.Event, attempts, answer);
    }

    private TimeSpan DelayAfter(int attempts)
    {
        var delay = options.FirstDelay * Math.Pow(2, Math.Min(attempts - 1, 20));
        return delay < LongestDelay ? delay : LongestDelay;
    }

    private async Task<(bool Delivered, string Answer)> TryAsync(HttpClient http, Webhook webhook, Outgoing message, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new StringContent(message.Body, Encoding.UTF8, "application/json") };
            request.Headers.Add("OnCell-Delivery", message.Id);
            request.Headers.Add("OnCell-Event", message.Event);
            request.Headers.Add("OnCell-Signature", Sign(table.SecretOf(webhook.Id), time.GetUtcNow().ToUnixTimeSeconds(), message.Body));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            return (response.IsSuccessStatusCode, Short($"{(int)response.StatusCode} {response.ReasonPhrase}".Trim()));
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return (false, $"no answer within {options.Timeout}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it is, the message was tried: one that stayed due would keep others from being sent.
            return (false, Short(e.InnerException is OnCellException refused ? refused.Message : e.Message));
        }
    }

    private static string Short(string answer) => answer.Length <= MaxAnswer ? answer : answer[..MaxAnswer];

    private HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false, // a redirect could lead where the address itself may not
        ConnectCallback = async (context, token) => await ConnectAsync(context, token).ConfigureAwait(false),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Gets the addresses that may be dialled: those that the operator allows, and with encryption all of the internet.</summary>
    internal IPAddress[] Reachable(string scheme, IEnumerable<IPAddress> addresses) =>
        [.. addresses.Where(a => (scheme == "https" && PublicAddress.WhyNot(a) is null) || Array.Exists(_allowed, n => n.Contains(a)))];

    /// <summary>Resolves, checks and dials the checked address, so that a name cannot lead elsewhere in between.</summary>
    private async Task<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var endPoint = context.DnsEndPoint;
        var addresses = IPAddress.TryParse(endPoint.Host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(endPoint.Host, cancellationToken).ConfigureAwait(false);
        var open = Reachable(context.InitialRequestMessage.RequestUri!.Scheme, addresses);
        if (open.Length == 0)
        {
            throw new OnCellException(OnCellError.Forbidden, addresses.Length == 0
                ? $"{endPoint.Host} has no address."
                : $"{endPoint.Host} is {addresses[0]} ({PublicAddress.WhyNot(addresses[0]) ?? "the internet, without encryption"}); the operator can allow its network by OnCell:Webhooks:Allow.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, endPoint.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

internal static partial class WebhookLog
{
    [LoggerMessage(1800, LogLevel.Warning, "The webhook {Webhook} did not take {Event} (try {Attempt}): {Answer}")]
    public static partial void NotTaken(ILogger logger, string webhook, string @event, int attempt, string answer);

    [LoggerMessage(1802, LogLevel.Error, "Webhooks are not told of {Event} of {Customer}: it could not be stored")]
    public static partial void NotStored(ILogger logger, string @event, string customer, Exception error);

    [LoggerMessage(1801, LogLevel.Error, "Webhooks could not be sent for a while")]
    public static partial void Failed(ILogger logger, Exception error);
}

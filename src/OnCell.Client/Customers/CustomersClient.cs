using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OnCell.Client.Json;
using OnCell.Client.Streaming;
using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>Customers: create, list, pause, resume, copy, delete.</summary>
public sealed class CustomersClient
{
    private readonly ApiTransport _api;

    internal CustomersClient(ApiTransport api) => _api = api;

    /// <summary>Creates a customer and waits for its cell. It is made all the same when the wait is ended.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="progress">Is told what is being done; or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Cell> CreateAsync(
        NewCustomer customer, IProgress<CellProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(customer);
        using var request = ApiTransport.Post("customers", ApiTransport.Json(customer, ClientJson.Default.NewCustomer));
        if (progress is null) return await _api.AnswerAsync(request, ClientJson.Default.Cell, cancellationToken).ConfigureAwait(false);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var response = await _api.OpenAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            var ready = await ProgressReader.ReadAsync(response, "customer", progress, "The cell could not be made", cancellationToken).ConfigureAwait(false);
            return ready is null
                ? await WaitAsync(customer.Id, cancellationToken).ConfigureAwait(false)
                : JsonSerializer.Deserialize(ready, ClientJson.Default.Cell)!;
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return (await JsonSerializer.DeserializeAsync(body, ClientJson.Default.Cell, cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Lists all customers' cells by id.</summary>
    public Task<IReadOnlyList<Cell>> ListAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("customers", ClientJson.Default.IReadOnlyListCell, cancellationToken);

    /// <summary>Gets a customer's cell.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Cell> GetAsync(string customer, CancellationToken cancellationToken = default) =>
        _api.GetAsync(PathOf(customer), ClientJson.Default.Cell, cancellationToken);

    /// <summary>Pauses an idle cell. Any later call wakes it.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="tier">How deeply.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Cell> PauseAsync(string customer, PauseTier tier = PauseTier.Stopped, CancellationToken cancellationToken = default) =>
        _api.PostAsync($"{PathOf(customer)}/pause?tier={tier.ToString().ToLowerInvariant()}", ClientJson.Default.Cell, cancellationToken);

    /// <summary>Wakes a cell.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Cell> ResumeAsync(string customer, CancellationToken cancellationToken = default) =>
        _api.PostAsync($"{PathOf(customer)}/resume", ClientJson.Default.Cell, cancellationToken);

    /// <summary>Ends a customer's runs and removes the cell with all its data.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task DeleteAsync(string customer, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new HttpRequestMessage(HttpMethod.Delete, PathOf(customer)), cancellationToken);

    /// <summary>Gets what a customer used: totals, quotas of this month, amounts by hour.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="since">From this time on; <see langword="null"/> for the month's beginning.</param>
    /// <param name="until">Before this time, at most 366 days later; <see langword="null"/> for now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Usage> GetUsageAsync(
        string customer, DateTimeOffset? since = null, DateTimeOffset? until = null, CancellationToken cancellationToken = default)
    {
        var query = string.Join('&', new[] { Time("since", since), Time("until", until) }.OfType<string>());
        return _api.GetAsync($"{PathOf(customer)}/usage{(query.Length > 0 ? "?" + query : "")}", ClientJson.Default.Usage, cancellationToken);

        static string? Time(string name, DateTimeOffset? time) =>
            time is null ? null : $"{name}={Uri.EscapeDataString(time.Value.ToString("O", CultureInfo.InvariantCulture))}";
    }

    /// <summary>Gets a customer's quotas and what of them is used.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<QuotaState> GetQuotasAsync(string customer, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"{PathOf(customer)}/quotas", ClientJson.Default.QuotaState, cancellationToken);

    /// <summary>Gives a customer quotas of its own, in the place of all that it had; they hold at once. Needs access to all customers.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="quotas">The quotas; what is <see langword="null"/> in them is as the service's.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<QuotaState> SetQuotasAsync(string customer, CustomerQuotas quotas, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(quotas);
        return _api.AnswerAsync(
            new HttpRequestMessage(HttpMethod.Put, $"{PathOf(customer)}/quotas") { Content = ApiTransport.Json(quotas, ClientJson.Default.CustomerQuotas) },
            ClientJson.Default.QuotaState, cancellationToken);
    }

    /// <summary>Lists the copies of a cell's disk, oldest first.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<IReadOnlyList<Snapshot>> ListSnapshotsAsync(string customer, CancellationToken cancellationToken = default) =>
        _api.GetAsync($"{PathOf(customer)}/snapshots", ClientJson.Default.IReadOnlyListSnapshot, cancellationToken);

    /// <summary>Copies a cell's disk as it is at this moment.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="name">1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>-</c>; or <see langword="null"/> for the time.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Snapshot> CreateSnapshotAsync(string customer, string? name = null, CancellationToken cancellationToken = default) =>
        _api.AnswerAsync(
            ApiTransport.Post($"{PathOf(customer)}/snapshots", ApiTransport.Json(new NewSnapshot(name), ClientJson.Default.NewSnapshot)),
            ClientJson.Default.Snapshot, cancellationToken);

    /// <summary>Puts a copy in the place of an idle cell's disk. What was written since is lost.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="name">The copy.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Cell> RestoreSnapshotAsync(string customer, string name, CancellationToken cancellationToken = default) =>
        _api.PostAsync($"{PathOf(customer)}/snapshots/{ApiTransport.Segment(name)}/restore", ClientJson.Default.Cell, cancellationToken);

    /// <summary>Removes a copy.</summary>
    /// <param name="customer">The customer.</param>
    /// <param name="name">The copy.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task DeleteSnapshotAsync(string customer, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"{PathOf(customer)}/snapshots/{ApiTransport.Segment(name)}"), cancellationToken);

    /// <summary>Makes a new customer whose cell begins with a copy of another's disk instead of the agent's setup.</summary>
    /// <param name="customer">The customer whose disk is copied; its cell may run.</param>
    /// <param name="fork">The new customer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Cell> ForkAsync(string customer, NewFork fork, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fork);
        return _api.AnswerAsync(
            ApiTransport.Post($"{PathOf(customer)}/fork", ApiTransport.Json(fork, ClientJson.Default.NewFork)), ClientJson.Default.Cell, cancellationToken);
    }

    private static string PathOf(string customer) => $"customers/{ApiTransport.Segment(customer)}";

    /// <summary>Waits for a cell whose progress can no longer be followed.</summary>
    private async Task<Cell> WaitAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var cell = await GetAsync(id, cancellationToken).ConfigureAwait(false);
            if (cell.State == CellState.Failed)
                throw new OnCellApiException(HttpStatusCode.InternalServerError, "The cell could not be made", cell.Reason ?? "", PathOf(id));
            if (cell.State != CellState.Creating) return cell;
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken).ConfigureAwait(false);
        }
    }
}

using System.Diagnostics;
using System.Net;

namespace OnCell.Demo.Service;

/// <summary>Asks again while a service that has just started answers 503: it takes over what its predecessor left.</summary>
internal sealed class PatientHandler() : DelegatingHandler(new SocketsHttpHandler())
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || Stopwatch.GetElapsedTime(start) > Patience) return response;
            response.Dispose();
            await Task.Delay(Pause, cancellationToken);
        }
    }
}

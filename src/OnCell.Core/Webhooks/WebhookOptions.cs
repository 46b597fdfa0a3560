using System.ComponentModel.DataAnnotations;

namespace OnCell;

/// <summary>How webhooks are delivered.</summary>
public sealed class WebhookOptions
{
    /// <summary>Gets or sets the networks, as CIDR, that webhooks may lead to though they are not the public internet: <c>10.1.2.0/24</c>.</summary>
    /// <value>The default is none: loopback, private and metadata addresses are refused, whatever name leads there.</value>
    public IList<string> Allow { get; } = [];

    /// <summary>Gets or sets how often a message is tried before it is given up.</summary>
    /// <value>The default is 15, which takes about a day; 1 to 100.</value>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 15;

    /// <summary>Gets or sets how long an address may take to answer.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets how long the first wait between two tries is. Each is twice the one before, up to 4 hours.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromSeconds(10);
}

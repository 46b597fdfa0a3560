using System.CommandLine;
using System.Globalization;
using OnCell.Cli.Output;
using OnCell.Client;

namespace OnCell.Cli.Commands;

/// <summary>How much a customer may use.</summary>
internal static class QuotaCommands
{
    private const string Default = "default";
    private const string Storage = "storage";

    public static Command Create() => new("quotas", "How much a customer may use: show, set.") { Show(), Set() };

    /// <summary>The options that set quotas, of which each may be left out.</summary>
    internal sealed class Options
    {
        private readonly Option<string?> _hours = Option("--max-hours", "Hours in a month in which its cell may run");
        private readonly Option<string?> _tokens = Option("--max-tokens", "Tokens of models in a month, sent and answered");
        private readonly Option<string?> _storage = Option("--max-storage", "Its cell's disk and snapshots together, such as 50gb");

        public void AddTo(Command command)
        {
            command.Add(_hours);
            command.Add(_tokens);
            command.Add(_storage);
        }

        /// <returns>The quotas with those that were named changed; <see langword="null"/> where none was named.</returns>
        /// <exception cref="UsageException">A text is no number.</exception>
        public CustomerQuotas? Change(ParseResult parsed, CustomerQuotas quotas)
        {
            var (hours, tokens, storage) = (parsed.GetValue(_hours), parsed.GetValue(_tokens), parsed.GetValue(_storage));
            if (hours is null && tokens is null && storage is null) return null;
            if (hours is not null) quotas = quotas with { ComputeHoursPerMonth = Number<double>(hours, NumberStyles.AllowDecimalPoint, _hours.Name, "hours, such as 100") };
            if (tokens is not null) quotas = quotas with { TokensPerMonth = Number<long>(tokens, NumberStyles.AllowThousands, _tokens.Name, "tokens, such as 5,000,000") };
            if (storage is not null) quotas = quotas with { Storage = storage == Default ? null : storage };
            return quotas;
        }

        private static Option<string?> Option(string name, string what) => new(name) { Description = $"{what}; \"{Default}\" for the service's own quota.", HelpName = "n" };

        private static T? Number<T>(string text, NumberStyles styles, string option, string wanted)
            where T : struct, System.Numerics.INumber<T>
        {
            if (text == Default) return null;
            return T.TryParse(text, styles, CultureInfo.InvariantCulture, out var number) && T.IsFinite(number)
                ? number
                : throw new UsageException($"{option} \"{text}\" is no number of {wanted}, nor \"{Default}\".");
        }
    }

    /// <summary>Quotas as a table: what is used, of how much, until when, and whose quota it is.</summary>
    public static void Show(IReadOnlyList<UsageQuota> quotas) => Screen.Table(["quota", "used", "limit", "begins anew", "set for"], quotas.Select(q => (IReadOnlyList<string>)
    [
        Screen.Cell(q.Quota), Used(q), Amount(q, q.Limit), q.Until is { } until ? Screen.Time(until) : "",
        q.Own ? "this customer" : "[grey]each customer[/]",
    ]));

    private static Command Show()
    {
        var id = Common.CustomerArgument();
        var command = new Command("show", "Shows a customer's quotas: those set for it, and the service's for each customer.") { id };
        command.SetAction(async (parsed, ct) =>
        {
            Show(parsed, await parsed.Client().Customers.GetQuotasAsync(parsed.GetValue(id)!, ct));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Set()
    {
        var id = Common.CustomerArgument();
        var options = new Options();
        var command = new Command("set", "Sets a customer's own quotas; they hold at once, and those that are not named stay. Needs a key for all customers.") { id };
        options.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var (customers, customer) = (parsed.Client().Customers, parsed.GetValue(id)!);
            _ = options.Change(parsed, new CustomerQuotas()) ?? throw new UsageException("say what to set: --max-hours, --max-tokens or --max-storage.");
            var now = await customers.GetQuotasAsync(customer, ct);
            Show(parsed, await customers.SetQuotasAsync(customer, options.Change(parsed, now.Own)!, ct));
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Show(ParseResult parsed, QuotaState state)
    {
        if (parsed.IsJson()) Screen.Json(state);
        else if (state.Quotas.Count == 0) Screen.Say("nothing is limited");
        else Show(state.Quotas);
    }

    private static string Used(UsageQuota quota)
    {
        var part = quota.Limit > 0 ? quota.Used / quota.Limit : 1;
        var colour = part >= 1 ? "red" : part >= 0.8 ? "yellow" : "green";
        return $"[{colour}]{Amount(quota, quota.Used)}[/]";
    }

    private static string Amount(UsageQuota quota, double amount) =>
        quota.Quota == Storage ? Screen.Bytes((long)amount) : amount.ToString("#,0.##", CultureInfo.InvariantCulture);
}

using Microsoft.AspNetCore.Http;

namespace OnCell.AspNetCore.Requests;

/// <summary>One page of a list: <c>?limit=</c> (1 to 1,000, 100 by default) and <c>?after=</c>, the key of the last item seen.</summary>
/// <remarks>The header <c>Link</c> with <c>rel="next"</c> leads to the next page, so that the body stays a plain array.</remarks>
internal static class Page
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    /// <summary>Takes a page of items that are in the order of their keys: one that is gone since the last page is no reason to lose the rest.</summary>
    /// <param name="request">The request.</param>
    /// <param name="items">All items, ordered by the key as text of codes.</param>
    /// <param name="key">An item's key: what <c>after</c> names.</param>
    public static IReadOnlyList<T> Of<T>(HttpRequest request, IEnumerable<T> items, Func<T, string> key)
    {
        if (After(request) is { } after) items = items.SkipWhile(i => string.CompareOrdinal(key(i), after) <= 0);
        return Cut(request, items.Take(Limit(request) + 1), key);
    }

    /// <summary>Takes a page of items that are in another order than their keys'.</summary>
    /// <param name="request">The request.</param>
    /// <param name="items">All items.</param>
    /// <param name="key">An item's key: what <c>after</c> names.</param>
    /// <exception cref="OnCellException">No item has the key.</exception>
    public static IReadOnlyList<T> OfList<T>(HttpRequest request, IReadOnlyList<T> items, Func<T, string> key)
    {
        if (After(request) is not { } after) return Cut(request, items, key);
        var rest = items.SkipWhile(i => key(i) != after).ToArray();
        return rest.Length > 0 ? Cut(request, rest.Skip(1), key) : throw Unknown();
    }

    /// <summary>What is said where <c>after</c> names nothing of the list: an empty page would look like its end.</summary>
    public static OnCellException Unknown() => Ask.Invalid("after", "\"after\" names nothing of this list (any more): begin again without it.");

    /// <summary>Makes a page of items of which there is one more than the limit where another page follows.</summary>
    /// <param name="request">The request.</param>
    /// <param name="oneMore">The items after <see cref="After"/>, of which at most one too many is looked at.</param>
    /// <param name="key">An item's key: what <c>after</c> names.</param>
    public static IReadOnlyList<T> Cut<T>(HttpRequest request, IEnumerable<T> oneMore, Func<T, string> key)
    {
        var limit = Limit(request);
        List<T> page = [.. oneMore.Take(limit + 1)];
        if (page.Count <= limit) return page;
        page.RemoveAt(limit);
        Link(request, key(page[^1]));
        return page;
    }

    /// <summary>Gets the key of the last item that the caller has seen; <see langword="null"/> where it begins.</summary>
    public static string? After(HttpRequest request) => Ask.One(request, "after");

    public static int Limit(HttpRequest request) => Ask.Number(request, "limit", DefaultLimit, 1, MaxLimit);

    /// <summary>Says where the next page is.</summary>
    public static void Link(HttpRequest request, string after)
    {
        var query = QueryString.Create(request.Query
            .Where(q => q.Key != "after")
            .Append(new("after", after)));
        request.HttpContext.Response.Headers.Link = $"<{request.PathBase}{request.Path}{query}>; rel=\"next\"";
    }
}

using OnCell.Indexing.Languages;

namespace OnCell.Index.Tests.Languages;

public sealed class DefinitionFinderTests
{
    [Theory]
    [InlineData("a.py", "    async def fetch_all(self, url):", "", "fetch_all", "function")]
    [InlineData("a.py", "class Flask(App):", "", "Flask", "type")]
    [InlineData("a.go", "func (c *Context) Next() {", "", "Next", "function")]
    [InlineData("a.go", "type Engine struct {", "", "Engine", "type")]
    [InlineData("a.rs", "pub(crate) async fn from_fn<F>(f: F) -> FromFn<F> {", "", "from_fn", "function")]
    [InlineData("a.rs", "pub struct Router<S = ()> {", "", "Router", "type")]
    [InlineData("a.ts", "export const ZodType: core.$constructor<ZodType> = /*@__PURE__*/ core.$constructor(", "", "ZodType", "value")]
    [InlineData("a.ts", "export default async function parse(x: string) {", "", "parse", "function")]
    [InlineData("a.ts", "export abstract class Handler<T> {", "", "Handler", "type")]
    [InlineData("a.js", "app.use = function use(fn) {", "", "use", "function")]
    [InlineData("a.c", "int uv_run(uv_loop_t* loop, uv_run_mode mode) {", "", "uv_run", "function")]
    [InlineData("a.c", "static void uv__run_timers(uv_loop_t* loop)", "{", "uv__run_timers", "function")]
    [InlineData("a.c", "#define UV_MAX(a, b) ((a) > (b))", "", "UV_MAX", "macro")]
    [InlineData("a.cs", "        public static string SerializeObject(object? value)", "        {", "SerializeObject", "function")]
    [InlineData("a.cs", "    public abstract partial class JsonReader : IDisposable", "    {", "JsonReader", "type")]
    [InlineData("a.java", "  public <T> T fromJson(String json, Class<T> classOfT) throws JsonSyntaxException {", "", "fromJson", "function")]
    [InlineData("a.ex", "defmodule Plug.Conn do", "", "Plug.Conn", "module")]
    [InlineData("a.ex", "  defp put_new(conn, key) do", "", "put_new", "function")]
    [InlineData("a.php", "    protected function write(LogRecord $record): void", "    {", "write", "function")]
    [InlineData("a.md", "## Getting started", "", "Getting started", "heading")]
    public void Finds(string file, string line, string next, string name, string kind)
    {
        Assert.True(DefinitionFinder.TryFind(line, next, LanguageCatalog.Of(file).Style, out var found, out var foundKind));
        Assert.Equal((name, kind), (found, foundKind));
    }

    [Theory]
    [InlineData("a.c", "  if (x > 0) {")]
    [InlineData("a.c", "  uv_run(loop, mode);")]
    [InlineData("a.js", "} else if (foo(bar)) {")]
    [InlineData("a.js", "  return foo(bar, {")]
    [InlineData("a.js", "  const x = foo(bar, {")]
    [InlineData("a.py", "# class of things")]
    [InlineData("a.cs", "        // public void Foo() {")]
    [InlineData("a.cs", "        foreach (var x in Xs()) {")]
    [InlineData("a.json", "{ \"class\": 1 }")]
    public void Passes_over(string file, string line)
        => Assert.False(DefinitionFinder.TryFind(line, "", LanguageCatalog.Of(file).Style, out _, out _));
}

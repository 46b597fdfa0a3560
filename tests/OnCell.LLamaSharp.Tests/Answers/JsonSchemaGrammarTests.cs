using System.Text.Json;
using OnCell.LLamaSharp.Answers;

namespace OnCell.LLamaSharp.Tests.Answers;

/// <summary>What a grammar says; that llama.cpp reads each of them and holds a model to it is seen in the tests with weights.</summary>
public sealed class JsonSchemaGrammarTests
{
    [Fact]
    public void Required_properties_come_in_order_and_optional_ones_follow()
    {
        var grammar = Write("""{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"boolean"}},"required":["c","a"]}""");
        Assert.Contains("""r0 ::= ("," ws "\"b\"" ":" ws integer)?""" + "\n", grammar, StringComparison.Ordinal);
        Assert.Contains("""r1 ::= "{" ws "\"a\"" ":" ws string "," ws "\"c\"" ":" ws boolean r0 ws "}" """.TrimEnd() + "\n", grammar, StringComparison.Ordinal);
        Assert.EndsWith("root ::= r1\n", grammar, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"enum":["a\"b","\\",7,null,{"x": [1, 2]}]}""", """root ::= ("\"a\\\"b\"" | "\"\\\\\"" | "7" | "null" | "{\"x\":[1,2]}")""")]
    [InlineData("""{"const":"a\nb"}""", """root ::= "\"a\\nb\"" """)]
    [InlineData("""{"type":["string","null"]}""", """root ::= (string | "null")""")]
    [InlineData("""{"type":"array","items":{"type":"number"},"minItems":2,"maxItems":3}""", """r0 ::= "[" ws number ("," ws number){1,2} ws "]" """)]
    [InlineData("""{"type":"array","items":{"type":"number"}}""", """r0 ::= "[" ws (number ("," ws number){0,})? ws "]" """)]
    [InlineData("""{"type":"object","additionalProperties":{"type":"number"}}""", """r0 ::= "{" ws (string ":" ws number ("," ws string ":" ws number)*)? ws "}" """)]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", """root ::= (string | integer)""")]
    [InlineData("{}", "root ::= value")]
    [InlineData("true", "root ::= value")]
    public void A_schema_has_its_rule(string schema, string rule) =>
        Assert.Contains(rule.Trim() + "\n", Write(schema), StringComparison.Ordinal);

    [Fact]
    public void A_tree_refers_to_itself()
    {
        var grammar = Write("""{"$ref":"#/$defs/n~1o","$defs":{"n/o":{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#/$defs/n~1o"},{"type":"null"}]}},"required":["next"]}}}""");
        Assert.Contains("""(r0 | "null")""", grammar, StringComparison.Ordinal);
        Assert.EndsWith("root ::= r0\n", grammar, StringComparison.Ordinal);
    }

    /// <summary>llama.cpp ends the process at a rule that begins with itself, so these must not come to it.</summary>
    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"$ref":"#/a","a":{"anyOf":[{"type":"string"},{"$ref":"#/b"}]},"b":{"anyOf":[{"$ref":"#/a"}]}}""")]
    [InlineData("""{"$ref":"#/a","a":{"anyOf":[{"type":"array","items":{"$ref":"#/b"}},{"$ref":"#/b"}]},"b":{"anyOf":[{"$ref":"#/a"},{"type":"null"}]}}""")]
    [InlineData("""{"$ref":"#/nowhere"}""")]
    [InlineData("""{"$ref":"http://elsewhere/x"}""")]
    [InlineData("""{"enum":[]}""")]
    [InlineData("""{"type":"date"}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"type":"array","minItems":3,"maxItems":2}""")]
    [InlineData("""{"type":"array","minItems":"x"}""")]
    [InlineData("""{"allOf":[{},{}]}""")]
    [InlineData("false")]
    public void What_a_grammar_cannot_say_is_refused(string schema) => Assert.Throws<NotSupportedException>(() => Write(schema));

    private static string Write(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return JsonSchemaGrammar.Write(document.RootElement);
    }
}

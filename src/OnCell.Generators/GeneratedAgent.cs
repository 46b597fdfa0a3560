using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace OnCell.Generators;

/// <summary>What comes of one agent class. Equal text is an equal result, so an unrelated edit writes nothing anew.</summary>
internal sealed class GeneratedAgent(string hint, string source, IReadOnlyList<Diagnostic> problems) : IEquatable<GeneratedAgent>
{
    /// <summary>Gets the name of the file.</summary>
    public string Hint { get; } = hint;

    /// <summary>Gets the code; empty where the agent cannot be called.</summary>
    public string Source { get; } = source;

    public IReadOnlyList<Diagnostic> Problems { get; } = problems;

    public bool Equals(GeneratedAgent? other) =>
        other is not null && Hint == other.Hint && Source == other.Source && Problems.SequenceEqual(other.Problems);

    public override bool Equals(object? obj) => Equals(obj as GeneratedAgent);

    public override int GetHashCode() => Source.GetHashCode();
}

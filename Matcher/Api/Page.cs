using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Api;

/// <summary>A part of a list.</summary>
/// <param name="Items">The rows.</param>
/// <param name="Next">Where to continue: the next call's <c>after</c>. Unchanged when there was nothing.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, [property: JsonNumberHandling(JsonIds.AsText)] long Next);

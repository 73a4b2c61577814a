namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>A span as a collector receives it.</summary>
/// <param name="Service">The resource's <c>service.name</c>.</param>
/// <param name="Scope">Name of the source.</param>
/// <param name="Name">Its name.</param>
/// <param name="TraceId">Hex.</param>
/// <param name="SpanId">Hex.</param>
/// <param name="ParentId">Hex; empty: none.</param>
public sealed record OtlpSpan(string Service, string Scope, string Name, string TraceId, string SpanId, string ParentId)
{
    // Numbers of fields of opentelemetry.proto: ExportTraceServiceRequest, ResourceSpans, ScopeSpans, Span, Resource, KeyValue, AnyValue.
    private const int Resources = 1;
    private const int Resource = 1;
    private const int Scopes = 2;
    private const int ScopeOfSpans = 1;
    private const int Spans = 2;

    /// <summary>All spans of a request.</summary>
    public static IEnumerable<OtlpSpan> ReadAll(byte[] body) =>
        from resource in ProtoMessage.Parse(body).Messages(Resources)
        let service = resource.Messages(Resource).SelectMany(r => r.Messages(1))
            .Where(a => a.Text(1) == "service.name").Select(a => a.Messages(2).Single().Text(1)).SingleOrDefault("")
        from scope in resource.Messages(Scopes)
        let name = scope.Messages(ScopeOfSpans).Select(s => s.Text(1)).SingleOrDefault("")
        from span in scope.Messages(Spans)
        select new OtlpSpan(service, name, span.Text(5), span.Hex(1), span.Hex(2), span.Hex(4));
}

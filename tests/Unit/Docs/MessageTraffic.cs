using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Submissions;
using MassTransit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>Which program sends and takes which message, as the assemblies have it.</summary>
internal static class MessageTraffic
{
    // By assembly, in the order in which the reference names them.
    private static readonly (string Assembly, string Name)[] Programs =
    [
        ("Ingest", "Ingest"), ("Embedder", "Embedder"), ("Matcher", "Matcher"), ("Trainer", "Trainer"), ("Nights", "Trainer"),
        ("Cli", "`infra/cpf restore`, `infra/cpf verify --repair`"),
    ];

    // What producers of images, people's tools and schedulers of others send.
    private static readonly HashSet<Type> FromOutside =
        [typeof(SubmitImage), typeof(RetractImage), typeof(GiveVerdict), typeof(TrainModel)];

    // Ingest reads what comes from outside into types of its own, field by field.
    private static readonly Dictionary<Type, Type> ReadAs = new()
    {
        [typeof(Submission)] = typeof(SubmitImage), [typeof(Retraction)] = typeof(RetractImage),
    };

    /// <summary>Every message.</summary>
    public static IReadOnlyList<Type> Messages { get; } =
        [.. typeof(SubmitImage).Assembly.GetExportedTypes().Where(t => !t.IsAbstract)];

    /// <summary>The queue that brings a message to the pipeline; null for one that nothing here waits for.</summary>
    public static string? QueueOf(Type message) =>
        Topology.Bindings.Where(b => b.Message == message).Select(b => b.Queue).SingleOrDefault();

    /// <summary>Who makes it: whose code calls its constructor.</summary>
    public static IReadOnlyList<string> SendersOf(Type message) =>
    [
        .. FromOutside.Contains(message) ? new[] { "you" } : [],
        .. Programs.Where(p => ConstructedBy(p.Assembly).Contains(message.FullName!)).Select(p => p.Name).Distinct(),
    ];

    /// <summary>Who has a consumer of it; whoever wants to, of an event that nothing here waits for.</summary>
    public static IReadOnlyList<string> TakersOf(Type message)
    {
        var takers = Programs.Where(p => ConsumedBy(p.Assembly).Contains(message)).Select(p => p.Name).Distinct().ToList();
        return takers.Count > 0 ? takers : ["you"];
    }

    private static HashSet<string> ConstructedBy(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"CpfPipeline.{assembly}.dll")));
        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata.MemberReferences.Select(metadata.GetMemberReference)
                .Where(m => m.Parent.Kind == HandleKind.TypeReference && metadata.StringComparer.Equals(m.Name, ".ctor"))
                .Select(m => metadata.GetTypeReference((TypeReferenceHandle)m.Parent))
                .Select(t => $"{metadata.GetString(t.Namespace)}.{metadata.GetString(t.Name)}"),
        ];
    }

    private static HashSet<Type> ConsumedBy(string assembly) =>
    [
        .. Assembly.Load($"CpfPipeline.{assembly}").GetTypes().Where(t => !t.IsAbstract).SelectMany(t => t.GetInterfaces())
            .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IConsumer<>))
            .Select(i => i.GetGenericArguments()[0])
            .Select(m => m.IsGenericType && m.GetGenericTypeDefinition() == typeof(Batch<>) ? m.GetGenericArguments()[0] : m)
            .Select(m => ReadAs.GetValueOrDefault(m, m)),
    ];
}

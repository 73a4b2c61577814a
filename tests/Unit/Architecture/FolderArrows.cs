using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CpfPipeline.Tests.Unit.Architecture;

/// <summary>
/// Arrows between the folders of a project, told from the names of types. An arrow A to B: a file in folder A names a type that folder B
/// defines. Comments, documentation and strings do not count. Names that two folders define are ignored.
/// </summary>
internal sealed class FolderArrows
{
    /// <summary>The project's own folder.</summary>
    public const string Root = ".";

    private readonly List<Arrow> _arrows = [];

    /// <param name="sources">C# by path, relative to the project's folder, with slashes.</param>
    public FolderArrows(IReadOnlyDictionary<string, string> sources)
    {
        var files = sources.Select(s => (Path: s.Key, Folder: FolderOf(s.Key), Tree: CSharpSyntaxTree.ParseText(s.Value).GetRoot()))
            .ToList();
        var homes = files.SelectMany(f => Defined(f.Tree).Select(name => (name, f.Folder))).GroupBy(d => d.name, d => d.Folder)
            .Where(g => g.Distinct().Count() == 1).ToDictionary(g => g.Key, g => g.First());
        foreach (var file in files)
        {
            foreach (var name in Named(file.Tree).Distinct())
            {
                if (homes.TryGetValue(name, out var home) && home != file.Folder)
                {
                    _arrows.Add(new(file.Folder, home, name, file.Path));
                }
            }
        }
    }

    /// <summary>A use of a type of another folder.</summary>
    public sealed record Arrow(string From, string To, string TypeName, string File)
    {
        public override string ToString() => $"{File} uses {TypeName} of {To}";
    }

    /// <summary>
    /// Uses within each circle of folders, the project's own folder apart: what starts a program uses every folder.
    /// Empty when there is no circle.
    /// </summary>
    public IReadOnlyList<Arrow> Circles()
    {
        var next = _arrows.Where(a => a.From != Root && a.To != Root).ToLookup(a => a.From, a => a.To);
        var reached = next.ToDictionary(n => n.Key, n => Reachable(n.Key, next));
        return [.. _arrows.Where(a => a.From != Root && a.To != Root && reached.TryGetValue(a.To, out var back) && back.Contains(a.From))];
    }

    /// <summary>Uses of a folder above the file's own.</summary>
    /// <param name="isForAll">Types of the project's own folder that every folder may use.</param>
    public IReadOnlyList<Arrow> Upward(Func<string, bool> isForAll) =>
        [.. _arrows.Where(a => a.To == Root ? !isForAll(a.TypeName) : a.From.StartsWith(a.To + "/", StringComparison.Ordinal))];

    private static string FolderOf(string path) => path.LastIndexOf('/') is var i && i < 0 ? Root : path[..i];

    private static HashSet<string> Reachable(string start, ILookup<string, string> next)
    {
        var reached = new HashSet<string>();
        var waiting = new Stack<string>([start]);
        while (waiting.TryPop(out var folder))
        {
            foreach (var target in next[folder].Where(reached.Add))
            {
                waiting.Push(target);
            }
        }

        return reached;
    }

    private static IEnumerable<string> Defined(SyntaxNode tree) => tree.DescendantNodes().Select(n => n switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
        DelegateDeclarationSyntax type => type.Identifier.ValueText,
        _ => "",
    }).Where(name => name.Length > 0);

    private static IEnumerable<string> Named(SyntaxNode tree) =>
        tree.DescendantNodes().OfType<SimpleNameSyntax>().Where(MayBeAType).Select(n => n.Identifier.ValueText);

    // The member of a value, the name of an argument and the property in an initializer are no types, whatever they are called.
    private static bool MayBeAType(SimpleNameSyntax name) => name.Parent switch
    {
        MemberAccessExpressionSyntax access when access.Name == name => IsQualifier(access.Expression),
        MemberBindingExpressionSyntax or NameColonSyntax or NameEqualsSyntax { Parent: not UsingDirectiveSyntax } => false,
        AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } assignment => assignment.Left != name,
        _ => !name.Ancestors()
            .Any(a => a is UsingDirectiveSyntax || (a is BaseNamespaceDeclarationSyntax space && space.Name.Contains(name))),
    };

    // A namespace or an outer type before the dot: Runs.RunState.
    private static bool IsQualifier(ExpressionSyntax expression) => expression switch
    {
        IdentifierNameSyntax identifier => char.IsUpper(identifier.Identifier.ValueText[0]),
        MemberAccessExpressionSyntax access => char.IsUpper(access.Name.Identifier.ValueText[0]) && IsQualifier(access.Expression),
        AliasQualifiedNameSyntax => true,
        _ => false,
    };
}

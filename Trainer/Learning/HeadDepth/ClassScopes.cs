using static TorchSharp.torch;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>
/// Which pairs of classes are certainly two products: those of one scope (keys of two sources may name one product), and those a person
/// separated.
/// </summary>
public sealed class ClassScopes
{
    private readonly long[] _scopes;
    private readonly Dictionary<int, List<int>> _separated = [];

    private ClassScopes(long[] scopes) => _scopes = scopes;

    /// <param name="scopes">Of each class from 0.</param>
    /// <param name="separations">Pairs of classes that are two products whatever their scopes.</param>
    /// <returns>Null when every two classes are two products.</returns>
    public static ClassScopes? Of(IReadOnlyList<int> scopes, IEnumerable<(int A, int B)> separations)
    {
        if (scopes.Distinct().Count() < 2)
        {
            return null;
        }

        var result = new ClassScopes([.. scopes.Select(s => (long)s)]);
        foreach (var (a, b) in separations.Where(s => scopes[s.A] != scopes[s.B]))
        {
            result.Add(a, b);
            result.Add(b, a);
        }

        return result;
    }

    /// <summary>True where it is unknown whether a picture shows a class, <c>[B,C]</c> bool. False at its own class.</summary>
    /// <param name="labels">Class of each picture of the batch.</param>
    /// <param name="device">Where.</param>
    public Tensor Unknown(int[] labels, Device device)
    {
        using var scope = NewDisposeScope();
        var ofClasses = tensor(_scopes).to(device);
        var ofRows = tensor([.. labels.Select(l => _scopes[l])]).to(device);
        var unknown = ofRows.unsqueeze(1) != ofClasses.unsqueeze(0);
        var known = labels.SelectMany((l, row) => _separated.GetValueOrDefault(l, []).Select(c => ((long)row * _scopes.Length) + c))
            .ToArray();
        if (known.Length > 0)
        {
            unknown.view(-1).index_copy_(0, tensor(known).to(device), zeros(known.Length, dtype: ScalarType.Bool, device: device));
        }

        return unknown.MoveToOuterDisposeScope();
    }

    private void Add(int a, int b)
    {
        if (!_separated.TryGetValue(a, out var others))
        {
            _separated[a] = others = [];
        }

        others.Add(b);
    }
}

using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>Decides which components a change touches.</summary>
internal static class TouchedComponents
{
    /// <summary>
    /// Unites arrivals and components along edges. An arrival only adds edges. So the components that it touches become one, and their
    /// members need not be looked at again. A component that loses a content or an edge may come apart.
    /// </summary>
    /// <param name="arrivals">Contents that come in.</param>
    /// <param name="members">Members that are ends of edges.</param>
    /// <param name="edges">Edges; those with an end that is neither are ignored.</param>
    /// <param name="weakened">Components that lose a content or an edge.</param>
    public static IReadOnlyList<TouchedComponent> Find(
        IReadOnlyCollection<long> arrivals, IEnumerable<GroupMember> members, IEnumerable<(long A, long B)> edges,
        IReadOnlySet<long> weakened)
    {
        // A content and a component may have the same id, so the nodes have numbers of their own.
        var union = new ConnectedComponents();
        var arrivalNodes = arrivals.ToDictionary(id => id, _ => union.Add(union.Count));
        var componentNodes = new Dictionary<long, int>();
        var memberNodes = new Dictionary<long, int>();
        int ComponentNode(long componentId)
        {
            if (!componentNodes.TryGetValue(componentId, out var node))
            {
                componentNodes.Add(componentId, node = union.Add(union.Count));
            }

            return node;
        }

        foreach (var member in members)
        {
            memberNodes[member.ContentId] = ComponentNode(member.ComponentId);
        }

        foreach (var componentId in weakened)
        {
            ComponentNode(componentId);
        }

        foreach (var (a, b) in edges)
        {
            if ((arrivalNodes.TryGetValue(a, out var left) || memberNodes.TryGetValue(a, out left))
                && (arrivalNodes.TryGetValue(b, out var right) || memberNodes.TryGetValue(b, out right)))
            {
                union.Union(left, right);
            }
        }

        // An edge between members of the same component changes nothing.
        var touched = new Dictionary<long, (List<long> Arrivals, List<long> Components)>();
        (List<long> Arrivals, List<long> Components) Of(int node)
        {
            var root = union.ComponentId(node);
            if (!touched.TryGetValue(root, out var parts))
            {
                touched.Add(root, parts = ([], []));
            }

            return parts;
        }

        foreach (var (id, node) in arrivalNodes)
        {
            Of(node).Arrivals.Add(id);
        }

        foreach (var (id, node) in componentNodes)
        {
            Of(node).Components.Add(id);
        }

        return [.. touched.Values
            .Where(t => t.Arrivals.Count > 0 || t.Components.Count > 1 || weakened.Contains(t.Components[0]))
            .Select(t => new TouchedComponent(t.Arrivals, t.Components, t.Components.Exists(weakened.Contains)))];
    }
}

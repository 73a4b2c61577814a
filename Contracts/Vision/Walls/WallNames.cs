namespace CpfPipeline.Vision.Walls;

/// <summary>Walls in words, for logs, health and errors.</summary>
public static class WallNames
{
    /// <summary>All walls there are, in the order of their bits.</summary>
    public static IReadOnlyList<Wall> All { get; } = [.. Enum.GetValues<Wall>().Where(w => w != Wall.None)];

    /// <summary>
    /// What an operator may insist on: all but a network of its own. It can be had without privileges on every kernel since 5.13. To make
    /// a network takes a right; without one the list of system calls still holds no socket.
    /// </summary>
    public static Wall Required { get; } = Wall.NoNewPrivileges | Wall.NotDumpable | Wall.DiesWithParent | Wall.Limits | Wall.SystemCalls
        | Wall.Files | Wall.Capabilities;

    /// <summary>Each wall's name: <c>system_calls</c>.</summary>
    public static IReadOnlyList<string> Of(Wall walls) => [.. All.Where(w => walls.HasFlag(w)).Select(NameOf)];

    private static string NameOf(Wall wall) => wall switch
    {
        Wall.NoNewPrivileges => "no_new_privileges",
        Wall.NotDumpable => "not_dumpable",
        Wall.DiesWithParent => "dies_with_parent",
        Wall.Limits => "limits",
        Wall.SystemCalls => "system_calls",
        Wall.Files => "files",
        Wall.Network => "network",
        Wall.Capabilities => "capabilities",
        _ => throw new ArgumentOutOfRangeException(nameof(wall)),
    };
}

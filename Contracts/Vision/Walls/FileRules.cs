namespace CpfPipeline.Vision.Walls;

/// <summary>
/// Landlock: which files a thread, and the processes that it starts, may reach. What is not named cannot be opened, and no process outside
/// can be looked into, not even through <c>/proc</c>.
/// </summary>
internal static unsafe class FileRules
{
    private const nint CreateRuleset = 444; // The same numbers on every architecture.
    private const nint AddRule = 445;
    private const nint RestrictSelf = 446;
    private const nint AskVersion = 1;
    private const nint RulePathBeneath = 1;
    private const int FirstWithNetwork = 4;
    private const int InvalidDescriptor = -1;
    private const int RuleBytes = 12; // struct landlock_path_beneath_attr is packed: rights, then the descriptor.

    private const ulong Execute = 1;
    private const ulong WriteFile = 2;
    private const ulong ReadFile = 4;
    private const ulong ReadFolder = 8;
    private const ulong BindAndConnect = 3;

    /// <summary>Restricts the calling thread.</summary>
    /// <param name="folders">May be read and executed, with what is below.</param>
    /// <param name="files">May be read.</param>
    /// <param name="sinks">May be read and written.</param>
    /// <returns>False where the kernel does not have Landlock.</returns>
    public static bool Apply(IEnumerable<string> folders, IEnumerable<string> files, IEnumerable<string> sinks)
    {
        var version = (int)Libc.SystemCall(CreateRuleset, 0, 0, AskVersion);
        if (version < 1)
        {
            return false;
        }

        var attributes = stackalloc ulong[2] { AllRights(version), version >= FirstWithNetwork ? BindAndConnect : 0 };
        var ruleset = (int)Libc.SystemCall(CreateRuleset, (nint)attributes, version >= FirstWithNetwork ? 16 : 8);
        if (ruleset == InvalidDescriptor)
        {
            return false;
        }

        try
        {
            Allow(ruleset, folders, Execute | ReadFile | ReadFolder);
            Allow(ruleset, files, ReadFile);
            Allow(ruleset, sinks, ReadFile | WriteFile);
            return Libc.SystemCall(RestrictSelf, ruleset) == 0;
        }
        finally
        {
            _ = Libc.Close(ruleset);
        }
    }

    // 13 rights from the first version on, then to link across folders, to truncate, and to control devices.
    private static ulong AllRights(int version) => version switch { 1 => 0x1FFF, 2 => 0x3FFF, 3 or 4 => 0x7FFF, _ => 0xFFFF };

    // What does not exist needs no rule.
    private static void Allow(int ruleset, IEnumerable<string> paths, ulong rights)
    {
        var rule = stackalloc byte[RuleBytes];
        foreach (var path in paths)
        {
            var descriptor = Libc.Open(path, Libc.OpenPath | Libc.CloseOnExec);
            if (descriptor != InvalidDescriptor)
            {
                *(ulong*)rule = rights;
                *(int*)(rule + sizeof(ulong)) = descriptor;
                _ = Libc.SystemCall(AddRule, ruleset, RulePathBeneath, (nint)rule);
                _ = Libc.Close(descriptor);
            }
        }
    }
}

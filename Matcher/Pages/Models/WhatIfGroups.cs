using CpfPipeline.Matcher.Pages.Addresses;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A page of groups that another threshold would change.</summary>
/// <param name="Groups">The groups, the weakest first.</param>
/// <param name="Next">Where the next page begins; null at the end.</param>
public sealed record WhatIfGroups(IReadOnlyList<WhatIfGroup> Groups, ListPlace<long>? Next);

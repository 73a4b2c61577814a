namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A group that another threshold would change.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="Size">Pictures in it.</param>
/// <param name="WeakestMerge">Lowest mean similarity at which two parts of it were merged.</param>
/// <param name="Parts">What it would fall into, the largest first; a few of them. Empty when it is too large to show.</param>
/// <param name="PartsCount">How many there would be; 0 when it is too large to show.</param>
/// <param name="GroupsThen">How many of them would be groups of two pictures or more.</param>
public sealed record WhatIfGroup(
    long GroupId, int Size, double WeakestMerge, IReadOnlyList<GroupPart> Parts, int PartsCount, int GroupsThen);

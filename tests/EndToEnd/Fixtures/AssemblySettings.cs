using System.Runtime.Versioning;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

[assembly: SupportedOSPlatform("linux")]
[assembly: AssemblyFixture(typeof(SharedStack))]

// Two cores, several pipelines: one test at a time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

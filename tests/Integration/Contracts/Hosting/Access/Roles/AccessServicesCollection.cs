using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Roles;

/// <summary>Starts the services once for all tests that share them.</summary>
[CollectionDefinition(AccessServices.Collection)]
public sealed class AccessServicesCollection : ICollectionFixture<AccessServices>;

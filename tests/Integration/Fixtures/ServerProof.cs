namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>What a server shows to prove who it is.</summary>
public enum ServerProof
{
    Good,
    OtherName,
    Expired,
    UnknownAuthority,
}

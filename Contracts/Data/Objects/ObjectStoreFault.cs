namespace CpfPipeline.Data.Objects;

/// <summary>Why a store did not do what it was asked for.</summary>
public enum ObjectStoreFault
{
    /// <summary>It is away, overloaded, or does not answer in time.</summary>
    Away,

    /// <summary>It is full.</summary>
    Full,

    /// <summary>The credentials, their rights, the bucket or a setting: an operator must change something.</summary>
    Refused,
}

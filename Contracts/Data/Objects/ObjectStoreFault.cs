namespace CpfPipeline.Data.Objects;

/// <summary>Why a store did not do what it was asked for.</summary>
public enum ObjectStoreFault
{
    /// <summary>It is away, overloaded, or does not answer in time.</summary>
    Away,

    /// <summary>It is full.</summary>
    Full,

    /// <summary>The credentials, their rights, the clock, the region or the bucket: an operator must change something.</summary>
    Refused,

    /// <summary>It did not do this one request. Others may succeed: an object may be archived or damaged, or its key disabled.</summary>
    Request,
}

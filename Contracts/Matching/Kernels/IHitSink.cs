namespace CpfPipeline.Matching.Kernels;

/// <summary>One thread's receiver of the pairs that a <see cref="BlockedProduct"/> lets through.</summary>
internal interface IHitSink
{
    void Hit(int left, int right, float product);

    void Flush();
}

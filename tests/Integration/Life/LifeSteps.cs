namespace CpfPipeline.Tests.Integration.Life;

/// <summary>Steps that are likely to matter where things stand.</summary>
internal static class LifeSteps
{
    public const int Images = 8;
    public const int Pictures = 7;

    /// <summary>The next step of a random life.</summary>
    public static LifeStep Next(Random random, LifeModel model)
    {
        var (image, picture) = (random.Next(Images), random.Next(Pictures));
        return random.Next(100) switch
        {
            < 26 => new LifeStep.Submit(image, picture, Revision(image)),
            < 28 => new LifeStep.SubmitBroken(image, Revision(image)),
            < 30 => new LifeStep.Announce(image, Revision(image)),
            < 39 => new LifeStep.Retract(image, Revision(image)),
            < 48 => new LifeStep.JudgePictures(picture, (picture + 1 + random.Next(Pictures - 1)) % Pictures, Word()),
            < 52 => new LifeStep.JudgeImages(image, (image + 1 + random.Next(Images - 1)) % Images, Word()),
            < 54 => new LifeStep.EraseImage(image),
            < 56 => new LifeStep.ErasePicture(picture),
            < 60 => new LifeStep.Advance(),
            < 78 => new LifeStep.Embed(Unembedded() ?? picture, random.Next(2)),
            < 87 => new LifeStep.Deliver(random.Next()),
            < 90 => new LifeStep.Redeliver(random.Next()),
            < 93 => new LifeStep.Wait(40),
            < 96 => new LifeStep.Collect(),
            < 97 => new LifeStep.Reconcile(),
            _ => new LifeStep.Settle(),
        };

        // Older ones, the same again, newer ones.
        long Revision(int of) => Math.Max(1, (model.Images.GetValueOrDefault(of)?.Revision ?? 1) + random.Next(-1, 4) switch { 3 => 1, var by => by });

        string Word() => random.Next(5) switch { < 2 => "same", < 4 => "different", _ => "withdrawn" };

        int? Unembedded() =>
            random.Next(4) > 0 && model.Contents.Keys.Where(p => !model.Looks.ContainsKey(p)).ToArray() is { Length: > 0 } waiting ? waiting[random.Next(waiting.Length)] : null;
    }
}

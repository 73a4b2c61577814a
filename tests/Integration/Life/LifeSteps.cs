namespace CpfPipeline.Tests.Integration.Life;

/// <summary>Steps that are likely to matter where things stand.</summary>
internal static class LifeSteps
{
    public const int Images = 10;
    public const int Pictures = 9;

    /// <summary>The next steps of a random life: one, or a few that seldom follow each other by chance.</summary>
    public static IReadOnlyList<LifeStep> Next(Random random, LifeModel model)
    {
        var (image, picture) = (random.Next(Images), random.Next(Pictures));
        return random.Next(100) switch
        {
            < 3 => [new LifeStep.RetractPicture(image, Revision(image)), .. Collected()],
            < 4 => [.. Collected(), new LifeStep.SubmitPicture(image, picture, Revision(image))],
            < 5 when model.Images.GetValueOrDefault(image)?.Picture is { } shown =>
                [new LifeStep.EraseImage(image), .. AnotherShows(shown), new LifeStep.Deliver(random.Next()), new LifeStep.Advance()],
            < 6 when model.Images.GetValueOrDefault(image) is { State: "stored", Picture: { } former } =>
            [
                new LifeStep.SubmitPicture(image, picture, Revision(image) + 1), new LifeStep.EraseImage(image), .. AnotherShows(former),
                new LifeStep.Deliver(random.Next()), new LifeStep.Advance(), new LifeStep.Advance(),
            ],
            < 7 => [.. Collected().Take(2), .. AnotherShows(picture),
                new LifeStep.RetractPicture((image + 1) % Images, Revision((image + 1) % Images) + 2), new LifeStep.Collect()],
            _ => [One()],
        };

        LifeStep One() => random.Next(100) switch
        {
            < 28 => new LifeStep.SubmitPicture(image, picture, Revision(image)),
            < 30 => new LifeStep.SubmitBroken(image, Revision(image)),
            < 32 => new LifeStep.Announce(image, Revision(image)),
            < 39 => new LifeStep.RetractPicture(image, Revision(image)),
            < 47 => Judge(Stored(), Stored()),
            < 51 => new LifeStep.JudgeImages(image, random.Next(Images), Word()),
            51 => new LifeStep.EraseImage(image),
            52 => new LifeStep.ErasePicture(picture),
            < 57 => new LifeStep.Advance(),
            < 76 => new LifeStep.Embed(Unembedded() ?? picture, random.Next(2)),
            < 86 => new LifeStep.Deliver(random.Next()),
            < 89 => new LifeStep.Redeliver(random.Next()),
            < 92 => new LifeStep.Wait(60),
            < 96 => new LifeStep.Collect(),
            < 97 => new LifeStep.ReconcileAll(),
            _ => new LifeStep.Settle(),
        };

        LifeStep[] Collected() => [new LifeStep.Collect(), new LifeStep.Wait(60), new LifeStep.Collect()];

        LifeStep[] AnotherShows(int shown)
        {
            var other = (image + 1) % Images;
            return random.Next(3) == 0 ? [] : [new LifeStep.SubmitPicture(other, shown, Revision(other) + 1)];
        }

        // Older ones, the same again, newer ones.
        long Revision(int of) =>
            Math.Max(1, (model.Images.GetValueOrDefault(of)?.Revision ?? 1) + random.Next(-1, 4) switch { 3 => 1, var by => by });

        string Word() => random.Next(5) switch { < 2 => "same", < 4 => "different", _ => "withdrawn" };

        LifeStep Judge(int a, int b) => new LifeStep.JudgePictures(a, a == b ? (a + 1) % Pictures : b, Word());

        int Stored() => random.Next(5) > 0 ? Any(model.Contents.Keys) ?? picture : random.Next(Pictures);

        int? Unembedded() => random.Next(4) > 0 ? Any(model.Contents.Keys.Where(p => !model.Looks.ContainsKey(p))) : null;

        int? Any(IEnumerable<int> pictures) => pictures.ToArray() is { Length: > 0 } all ? all[random.Next(all.Length)] : null;
    }
}

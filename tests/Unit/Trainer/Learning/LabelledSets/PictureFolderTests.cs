using CpfPipeline.Labels;
using CpfPipeline.Learning.LabelledSets;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.LabelledSets;

public sealed class PictureFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    public PictureFolderTests()
    {
        foreach (var name in new[] { "a.png", "b, too.jpg", "sub/c.png", "note.txt" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
            File.WriteAllText(In(name), "");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("labels.csv", "")]
    [InlineData("../labels.csv", "pictures/")]
    public void Read_LabelsInItOrBesideIt_AreRead(string labels, string prefix)
    {
        File.WriteAllText(
            In(labels),
            $"split,Path,label\r\nval,{prefix}a.png,one\r\n,\"{prefix}b, too.jpg\",\"two, "
                + $"\"\"three\"\"\"\r\ntrain,{prefix}gone.png,one\r\n");
        var pictures = PictureFolder.Read(In("")).Pictures;
        Assert.Equal(
            [("a.png", "one", true), ("b, too.jpg", "two, \"three\"", false), ("sub/c.png", null, false)],
            pictures.Select(p => (p.Name, p.Label, p.Held)));
        Assert.All(PictureFolder.ReadUnlabelled(In("")).Pictures, p => Assert.Equal((null, false), (p.Label, p.Held)));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("path,name\na.png,one\n", "no column label")]
    [InlineData("path,label\na.png,\"one\n", "no proper CSV")]
    public void Read_LabelsThatCannotBeUsed_SaysWhy(string text, string part)
    {
        File.WriteAllText(In("labels.csv"), text);
        Assert.Contains(part, Assert.Throws<LabelsFileException>(() => PictureFolder.Read(In(""))).Message);
        Assert.Equal(3, PictureFolder.ReadUnlabelled(In("")).Pictures.Count);
    }

    [Fact]
    public void Read_NoLabels_HasNone() => Assert.False(PictureFolder.Read(In("")).HasLabels);

    private string In(string name) => Path.GetFullPath(Path.Combine(_folder, "pictures", name));
}

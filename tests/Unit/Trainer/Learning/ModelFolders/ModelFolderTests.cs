using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.ModelFolders;

public sealed class ModelFolderTests : IDisposable
{
    private static readonly byte[] Backbone = FilterBankBackbone.Write();
    private static readonly byte[] Head = HeadBuilder.Identity(BackboneFile.Load(Backbone, "a backbone").Spec.FeatureDim);

    private readonly string _root = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    private string Folder => Path.Combine(_root, "made", "model");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        ModelFolder.Write(Folder, Backbone, Head, """{"threshold":0.625,"note":1}""", "<html></html>");

        var model = ModelFolder.Read(Folder);

        Assert.Equal(.625, model.Threshold);
        Assert.Equal(Backbone, model.Backbone.Bytes.ToArray());
        Assert.Equal(Head, model.Head.Bytes.ToArray());
        Assert.Contains("\"note\":1", model.ReportJson);
        Assert.Equal(
            ["backbone.onnx", "head.onnx", "report.html", "report.json"], Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_OverAModel_KeepsOtherFiles()
    {
        Write(.5);
        File.WriteAllText(Path.Combine(Folder, "mine.txt"), "kept");
        Write(.75);
        Assert.Equal(.75, ModelFolder.Read(Folder).Threshold);
        Assert.Equal("kept", File.ReadAllText(Path.Combine(Folder, "mine.txt")));
    }

    [Fact]
    public void Write_FullDisk_SaysSoAndKeepsTheOldModel()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "/dev/full is missing");
        Write(.5);
        File.CreateSymbolicLink(Path.Combine(Folder, ".report.html.new"), "/dev/full");

        var e = Assert.Throws<IOException>(() => ModelFolder.Write(Folder, new byte[] { 1 }, new byte[] { 2 }, """{"threshold":0.75}""", "<html></html>"));

        Assert.Contains(Folder, e.Message);
        Assert.Contains("space", e.Message);
        Assert.Equal(.5, ModelFolder.Read(Folder).Threshold);
        Assert.Equal(4, Directory.GetFileSystemEntries(Folder).Length);
    }

    [Fact]
    public void Write_FolderIsAFile_SaysSo()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Folder)!);
        File.WriteAllText(Folder, "");
        Assert.Contains(Folder, Assert.Throws<IOException>(() => Write(.5)).Message);
    }

    [Theory]
    [InlineData("head.onnx is missing", "head.onnx")]
    [InlineData("backbone.onnx and report.json are missing", "backbone.onnx", "report.json")]
    public void Read_FilesMissing_NamesThem(string expected, params string[] missing)
    {
        Write(.5);
        foreach (var name in missing)
        {
            File.Delete(Path.Combine(Folder, name));
        }

        Assert.Contains(expected, Assert.Throws<ModelFileException>(() => ModelFolder.Read(Folder)).Message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"threshold":"high"}""")]
    [InlineData("[1]")]
    [InlineData("none")]
    public void Read_NoThreshold_SaysSo(string report)
    {
        Write(.5);
        File.WriteAllText(Path.Combine(Folder, "report.json"), report);
        Assert.Contains("report.json", Assert.Throws<ModelFileException>(() => ModelFolder.Read(Folder)).Message);
    }

    [Fact]
    public void Read_HeadOfAnotherBackbone_SaysSo()
    {
        Write(.5);
        File.WriteAllBytes(Path.Combine(Folder, "head.onnx"), HeadBuilder.Identity(7));
        Assert.Contains("do not belong together", Assert.Throws<ModelFileException>(() => ModelFolder.Read(Folder)).Message);
    }

    private void Write(double threshold) => ModelFolder.Write(
        Folder, Backbone, Head, string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"threshold":{{threshold}}}"""), "<html></html>");
}

using CpfPipeline.Matcher.Pages.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Pages.Models;

public sealed class ModelReportTests
{
    [Fact]
    public void Read_ReportOfANight_SetsItsFiguresBesideTheActiveModels()
    {
        var tables = ModelReport.Read(
            """
            {"threshold": 0.91, "f1": 0.8123456, "f1_interval": [0.8, 0.83], "opis": null, "images": 12345, "kind": "training",
             "active": {"model_id": "7", "threshold": 0.9, "f1": 0.75}, "gate": {"passed": true, "reason": "better"},
             "training": {"steps": 100, "settings": {"loss": {"name": "cpf"}}, "history": [{"step": 1}]},
             "candidates": [{"name": "scatter", "validation_f1": 0.8}, {"name": "cpf", "threshold": 0.9}],
             "similarity_histogram": [1, 2, 3]}
            """);

        Assert.Equal(["Figures", "Gate", "Training", "Candidates", "How it was made"], tables.Select(t => t.Title));
        Assert.Equal(["Figure", "This model", "Model 7, active then"], tables[0].Columns);
        Assert.Equal(
            [
                "Threshold|0.91|0.9", "F1|0.8123|0.75", "F1, 95 % interval|0.8 to 0.83|", "OPIS|not measured|", "Test pictures|12,345|",
            ],
            Lines(tables[0]));
        Assert.Equal(["Passed|yes", "Reason|better"], Lines(tables[1]));
        Assert.Equal(["Steps|100", "Settings · Loss · Name|cpf"], Lines(tables[2]));
        Assert.Equal(["Name", "Validation f1", "Threshold"], tables[3].Columns);
        Assert.Equal(["scatter|0.8|", "cpf||0.9"], Lines(tables[3]));
        Assert.Equal(["Kind|training"], Lines(tables[4]));
    }

    [Fact]
    public void Read_ReportOfTheFirstStart_ShowsItsPartsByTheirNames()
    {
        var tables = ModelReport.Read(
            """
            {"threshold": 0.92, "provenance": "a head",
             "report": {"kind": "edited-copies", "heldOut": {"f1": 0.79}, "alsoFitted": [{"pictures": 170}], "seed": 1,
                        "many": [1,2,3,4,5,6,7,8,9,10,11,12,13]}}
            """);

        Assert.Equal(["Figures", "Held out", "Also fitted", "How it was made"], tables.Select(t => t.Title));
        Assert.Equal(["Provenance|a head", "Kind|edited-copies", "Seed|1", "Many|13 values"], Lines(tables[3]));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"training": {"history": []}, "gate": {}}""")]
    public void Read_NothingMeasured_HasNoTable(string json) => Assert.Empty(ModelReport.Read(json));

    [Fact]
    public void Read_OddValues_AreShown()
    {
        var table = Assert.Single(ModelReport.Read("""{"": 1, "x": 1e400, "a": [], "b": [[1], {"c": 1}], "f1": "high"}""").Skip(1));
        Assert.Equal(["(no name)|1", "X|1e400", "A|", "B|1 to 1 values"], Lines(table));
    }

    private static IEnumerable<string> Lines(ReportTable table) => table.Rows.Select(r => string.Join('|', r));
}

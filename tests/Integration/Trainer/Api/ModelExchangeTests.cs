using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CpfPipeline.Data.Locks;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Api;

/// <summary>Models as files: brought in, handed over to, given out.</summary>
public sealed class ModelExchangeTests(TestDatabases databases, TestBroker broker)
{
    private const string Embeddings =
        """
        select e.content_id, e.embedding::text from cpf.embeddings e join cpf.models m using (head_id) where m.state = 'active' order by 1
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Import_OfAnExport_GivesTheSameEmbeddingsElsewhere()
    {
        var (files, embeddings) = (new Dictionary<string, byte[]>(), new List<object?[]>());
        await using (var harness = await RunHarness.CreateAsync(databases))
        {
            await using var matcher = new PlayedMatcher(harness.Database);
            await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));

            var run = await ImportAsync(trainer, Form(report: """{"threshold": 0.8125, "f1": 0.5}"""));

            Assert.Equal(("activation", "finished"), ((string?)run["kind"], (string?)run["state"]));
            var model = (await trainer.GetAsync("/models"))[0]!;
            Assert.Equal(("active", "imported", .8125, .5),
                ((string?)model["state"], (string?)model["kind"], (double)model["threshold"]!, (double)model["f1"]!));
            embeddings = await harness.Database.QueryAsync(Embeddings);
            Assert.Equal(100, embeddings.Count);
            foreach (var name in new[] { "backbone.onnx", "head.onnx", "report.json" })
            {
                using var file = await trainer.Client.GetAsync($"/models/{run["model_id"]}/files/{name}", Token);
                files[name] = await file.Content.ReadAsByteArrayAsync(Token);
                Assert.Equal($"\"{Convert.ToHexStringLower(SHA256.HashData(files[name]))}\"", file.Headers.ETag!.Tag);
            }

            // The same files, threshold and report are the same model.
            using var again = await trainer.Client.PostAsync("/models", FormOf(files), Token);
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
            using var back = await trainer.PostAsync("/models/rollback");
            await trainer.EndOfAsync(back.Headers.Location!.ToString());
            Assert.Equal(run["model_id"]!.ToString(), (await ImportAsync(trainer, FormOf(files)))["model_id"]!.ToString());
            Assert.Equal(2L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.models"));
        }

        Assert.Equal(TinyModels.Head(2), files["head.onnx"]);
        await using var elsewhere = await RunHarness.CreateAsync(databases);
        await using var other = new PlayedMatcher(elsewhere.Database);
        await using var second = await TrainerProcess.StartAsync(elsewhere, await broker.CreateHostAsync(Token));
        Assert.Equal("finished", (string?)(await ImportAsync(second, FormOf(files)))["state"]);
        Assert.Equal(embeddings, await elsewhere.Database.QueryAsync(Embeddings));
    }

    [Fact]
    public async Task Import_WhatDoesNotFit_IsRefusedInOneLineAndLeavesNothing()
    {
        await using var harness = await RunHarness.CreateAsync(databases, contents: 5);
        await using var trainer = await TrainerProcess.StartAsync(
            harness, await broker.CreateHostAsync(Token), "--Trainer:MaxModelBytes", "100000");

        await RefusedAsync(Form(head: TinyHead(47)), HttpStatusCode.BadRequest, "do not belong together");
        await RefusedAsync(Form(head: TinyModels.Backbone()), HttpStatusCode.BadRequest, "head.onnx is no usable head");
        await RefusedAsync(Form(head: TinyModels.Head(scale: 3)), HttpStatusCode.BadRequest, "cannot be compared");
        await RefusedAsync(Form(backbone: TinyModels.Backbone(float.NaN)), HttpStatusCode.BadRequest, "no usable feature");
        await RefusedAsync(Form(backbone: "a text"u8.ToArray()), HttpStatusCode.BadRequest, "backbone.onnx is not an ONNX file");
        await RefusedAsync(Form(report: """{"threshold": 1.5}"""), HttpStatusCode.BadRequest, "1.5");
        await RefusedAsync(Form(report: "[]"), HttpStatusCode.BadRequest, "report.json");
        await RefusedAsync(
            Form(report: """{"threshold": 0.75, "note": "\u0000"}"""), HttpStatusCode.BadRequest, "report.json cannot be stored");
        await RefusedAsync(
            Form(report: """{"threshold": 0.75, "note": "\ud800"}"""), HttpStatusCode.BadRequest, "report.json cannot be stored");
        await RefusedAsync(Form(backbone: new byte[200_000]), HttpStatusCode.RequestEntityTooLarge, "Trainer:MaxModelBytes");
        await RefusedAsync(
            new StringContent("{}", Encoding.UTF8, "application/json"), HttpStatusCode.UnsupportedMediaType, "multipart/form-data");
        await RefusedAsync(new MultipartFormDataContent { { new ByteArrayContent([1]), "head.onnx", "head.onnx" } },
            HttpStatusCode.BadRequest, "backbone.onnx and report.json");
        await RefusedAsync(
            new MultipartFormDataContent { { new ByteArrayContent([1]), "page", "page" } }, HttpStatusCode.BadRequest, "no part page");

        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.models"));
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.training_runs"));
        foreach (var path in new[] { "/models/999/files/head.onnx", $"/models/{harness.First.ModelId}/files/report.html" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await trainer.Client.GetAsync(path, Token)).StatusCode);
        }

        async Task RefusedAsync(HttpContent content, HttpStatusCode status, string told)
        {
            using var refused = await trainer.Client.PostAsync("/models", content, Token);
            var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync(Token))!;
            Assert.Equal((status, true), (refused.StatusCode, ((string?)problem["detail"])!.Contains(told, StringComparison.Ordinal)));
            Assert.DoesNotContain("\n", (string)problem["detail"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Import_TwiceAtTheSameMoment_IsOneRunOfOneModelThatIsNotGivenUp()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));
        await using var connection = await harness.Database.DataSource.OpenConnectionAsync(Token);
        Task<HttpResponseMessage>[] both;
        await using (var transaction = await connection.BeginTransactionAsync(Token))
        {
            await TransactionLocks.TakeModelsAsync(connection, Token);
            both = [trainer.Client.PostAsync("/models", Form(), Token), trainer.Client.PostAsync("/models", Form(), Token)];
            await Until.TrueAsync(async () => await harness.Database.ScalarAsync<long>(
                "select count(*) from pg_locks where relation = 'cpf.lock_models'::regclass and not granted") == 2);

            await transaction.CommitAsync(Token);
        }

        var answers = await Task.WhenAll(both);
        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.training_runs"));
        Assert.NotEqual(
            "refused", await harness.Database.ScalarAsync<string>(
                "select m.state from cpf.models m join cpf.training_runs r using (model_id)"));
    }

    [Fact]
    public async Task Import_SameKey_IsTheSameRunAndOtherRunsComeFirst()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        harness.Builder.Pause = new TaskCompletionSource();
        await using var trainer = await TrainerProcess.StartAsync(harness, await broker.CreateHostAsync(Token));
        using var night = await trainer.PostAsync("/trainings");
        using (var other = await PostAsync(Form(), "one"))
        {
            Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
            Assert.Equal(
                night.Headers.Location!.ToString(), (string?)JsonNode.Parse(await other.Content.ReadAsStringAsync(Token))!["run_url"]);
        }

        harness.Builder.Pause.SetResult();
        await trainer.EndOfAsync(night.Headers.Location!.ToString());
        using var first = await PostAsync(Form(), "one");
        await trainer.EndOfAsync(first.Headers.Location!.ToString());
        using var second = await PostAsync(Form(), "one");
        Assert.Equal((HttpStatusCode.OK, first.Headers.Location), (second.StatusCode, second.Headers.Location));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(Form(head: TinyModels.Head(3)), "one")).StatusCode);

        Task<HttpResponseMessage> PostAsync(HttpContent content, string key)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/models") { Content = content };
            request.Headers.Add("Idempotency-Key", key);
            return trainer.Client.SendAsync(request, Token);
        }
    }

    private static byte[] TinyHead(int featureDim) => TinyModels.Head(featureDim: featureDim);

    private static async Task<JsonNode> ImportAsync(TrainerProcess trainer, HttpContent form)
    {
        using var asked = await trainer.Client.PostAsync("/models", form, Token);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        return await trainer.EndOfAsync(asked.Headers.Location!.ToString());
    }

    private static MultipartFormDataContent Form(byte[]? backbone = null, byte[]? head = null, string report = """{"threshold": 0.75}""") =>
        FormOf(new()
        {
            ["backbone.onnx"] = backbone ?? TinyModels.Backbone(),
            ["head.onnx"] = head ?? TinyModels.Head(2),
            ["report.json"] = Encoding.UTF8.GetBytes(report),
        });

    private static MultipartFormDataContent FormOf(Dictionary<string, byte[]> files)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, bytes) in files)
        {
            form.Add(new ByteArrayContent(bytes), name, name);
        }

        return form;
    }
}

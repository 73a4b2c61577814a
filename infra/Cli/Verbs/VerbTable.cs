using System.ComponentModel;
using System.Net.Sockets;
using CpfPipeline.CommandLine;
using CpfPipeline.Data.Erasures;
using Npgsql;

namespace CpfPipeline.Cli.Verbs;

/// <summary>Every verb of <c>infra/cpf</c>, in the order in which the help lists them, and how the program ends.</summary>
internal static class VerbTable
{
    public static VerbProgram Program { get; } = new()
    {
        Name = "infra/cpf",
        ErrorPrefix = "cpf: ",
        Verbs =
        [
            Verb.Of<UpVerb>("up", "Install, build and start what is missing: PostgreSQL, RabbitMQ, the schema, the services."),
            Verb.Of<DownVerb>("down", "Stop every process of this checkout. The data stays."),
            Verb.Of<StatusVerb>(
                "status", "Show services, queues, images, pending work, whether the groups are exact, active model, last reconcile."),
            Verb.Of<OpenVerb>(
                "open", "Print an address of the gallery that signs a browser in, once, and open it where there is a display."),
            Verb.Of<MigrateVerb>(
                "migrate",
                "Bring the database of CPF_POSTGRES to this version, with its roles, and end: before services that something else starts."),
            Verb.Of<KeysListVerb>("keys list", "List the keys for the HTTP APIs: what they may do, when they were used last."),
            Verb.Of<KeysAddVerb>("keys add", "Make a key with roles. Its text is printed this once, alone on the standard output."),
            Verb.Of<KeysRotateVerb>("keys rotate", "Give a key a new secret; the one before is taken for a day more."),
            Verb.Of<KeysRevokeVerb>("keys revoke", "Have every service refuse a key, and the browsers that it signed in."),
            Verb.Of<KeysSignOutVerb>("keys sign-out", "Sign the browsers of a key or person out."),
            Verb.Of<LogsVerb>("logs", "Print the end of the logs of all services, or of one."),
            Verb.Of<DemoVerb>(
                "demo",
                "Set everything up, match the pictures of five sellers, train on their keys, print groups and quality. "
                + "The services stay up."),
            Verb.Of<SubmitVerb>(
                "submit", "Hand in a folder of pictures, one picture, or a feed. Waits until its images are matched and reconciled."),
            Verb.Of<FeedsVerb>("feeds", "List the newest feeds, with what became of their rows."),
            Verb.Of<SchedulesListVerb>("schedules list", "List recurring feeds: when they run, and how the last one ended."),
            Verb.Of<SchedulesAddVerb>("schedules add", "Have a feed handed in again and again, by a cron expression."),
            Verb.Of<SchedulesRemoveVerb>("schedules remove", "Stop a recurring feed."),
            Verb.Of<RetractVerb>("retract", "Take images of a source out of the groups. Waits until the groups are up to date."),
            Verb.Of<GroupsVerb>("groups", "Print the match groups of two images or more."),
            Verb.Of<ExportVerb>("export", "Write groups, members, pairs or changes as Parquet, CSV or NDJSON."),
            Verb.Of<WhyVerb>("why", "Say why two pictures are, or are not, in one group."),
            Verb.Of<SimilarVerb>("similar", "List the pictures that are most similar to one."),
            Verb.Of<ReconcileVerb>("reconcile", "Join exactly what was only searched for so far, and repair the groups."),
            Verb.Of<VerdictVerb>("verdict", "Say that two images show the same product, or different ones, or take that back."),
            Verb.Of<PlaceholderVerb>(
                "placeholder", "List pictures that are never matched (logos, \"no image\"), mark one, or let it be matched again."),
            Verb.Of<EraseVerb>("erase", "Erase an image, or a content everywhere, for good. Prints the receipt. Asks nothing."),
            Verb.Of<ReplayVerb>(
                "replay", "Put back messages that could not be handled, or ask again for rejected images. --dry-run only lists them."),
            Verb.Of<BackupVerb>(
                "backup", "Back up database, blobs and models while everything runs. A second one into the same folder takes what is new."),
            Verb.Of<RestoreVerb>("restore", "Restore a backup into an empty checkout or database."),
            Verb.Of<VerifyVerb>(
                "verify",
                "Look for missing, damaged and orphaned blobs and rows, and recompute the groups. With --repair: repair what can be."),
            Verb.Of<BlobsCopyVerb>(
                "blobs copy", "Copy the blobs of a folder into the bucket that Blobs__S3__... names, or the other way."),
            Verb.Of<TrainVerb>(
                "train", "Train a model on labelled pictures (needs no services). With --nightly: let the service train on the catalogue."),
            Verb.Of<ModelsVerb>("models list", "List the models there were, with threshold, quality and state."),
            Verb.Of<ModelsImportVerb>(
                "models import", "Bring in a model folder that train wrote, and hand over to it. Readers see the old groups meanwhile."),
            Verb.Of<ModelsExportVerb>("models export", "Write a model that is there as a model folder."),
            Verb.Of<ActivateVerb>(
                "activate", "Make a model that is there the active one. Readers see the old groups until all new ones are there."),
            Verb.Of<RollbackVerb>("rollback", "Go back to the model that was active before."),
            Verb.Of<CompletionsVerb>("completions", "Print a script that lets bash or zsh complete verbs, options and their values."),
            Verb.Of<TestVerb>("test", "Run every test against private servers. The last line is \"N passed, N failed\"."),
            Verb.Of<ChaosVerb>(
                "chaos", "Kill, freeze and cut off parts of a private pipeline while it works, and compare its end with a calm run's."),
            Verb.Of<BenchVerb>("bench", "Measure the pipeline on private servers. Results go to tests/Benchmarks/results."),
            Verb.Of<OfflineVerb>(
                "backbone", "Make a backbone of an ONNX file, or fetch one by name from the Hugging Face hub (needs no services)."),
            Verb.Of<OfflineVerb>(
                "evaluate", "Measure a model on labelled pictures: F1 at its threshold, Recall@1, groups (needs no services)."),
            Verb.Of<OfflineVerb>("copies", "Make edited copies of a folder of pictures (needs no services)."),
        ],
        Branches = new Dictionary<string, string>
        {
            ["models"] = "List the models there were, with threshold, quality and state; bring one in, or write one, as files.",
            ["keys"] = "Keys for the HTTP APIs: list, add, rotate, revoke, sign out. They are kept in the database; no service is needed.",
            ["blobs"] = "The bytes of pictures and models: copy them to the store that they will lie in.",
            ["schedules"] = "Feeds that Ingest hands in again and again: list, add, remove.",
        },
        Defaults = new Dictionary<string, string> { ["models"] = "list", ["keys"] = "list" },
        Footer = """
            infra/cpf VERB --help tells more.
            CPF_POSTGRES and CPF_RABBITMQ (connection strings) select existing servers; CPF_BACKBONE selects an ONNX backbone with metadata.
            Exit codes: 0 done, 1 inputs rejected, 2 usage, 3 infrastructure, 4 refused by the gate, 5 too little data, 6 already running,
            7 a feed failed as a whole.
            """,
        Interrupted = (int)ExitCode.Infrastructure,
        Explain = Explain,
    };

    private static ProgramFailure? Explain(Exception exception) => exception switch
    {
        CommandException e => new((int)e.ExitCode, e.Message),
        NpgsqlException { InnerException: SocketException or TimeoutException or IOException } => new(
            (int)ExitCode.Infrastructure,
            $"PostgreSQL does not answer ({exception.Message.ReplaceLineEndings(" ")}): infra/cpf up starts it, infra/cpf logs postgres "
                + "shows why it stopped"),
        NpgsqlException or HttpRequestException or IOException or UnauthorizedAccessException or TimeoutException or InvalidDataException
            or TombstoneKeyException or Win32Exception =>
            new((int)ExitCode.Infrastructure, exception.Message.ReplaceLineEndings(" ")),
        _ => null,
    };
}

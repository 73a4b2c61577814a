using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Processes;

/// <summary>The private broker's configuration, definitions and environment, under <c>rabbitmq/</c> of the state folder.</summary>
internal static class RabbitMqFiles
{
    private const string User = "cpf";

    public static void Write(Installation installation)
    {
        var folder = Path.Combine(installation.Home, "rabbitmq");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        void File(string name, string text) => Installation.WritePrivate(Path.Combine(folder, name), text);

        File("rabbitmq.conf", Configuration(folder, installation.State.Ports));
        File("advanced.config", "[].\n");
        File("enabled_plugins", "[rabbitmq_management].\n");
        File("admin.conf", Admin(installation.State.RabbitMqPassword, installation.State.Ports));
        File("env.conf", "");
        File("definitions.json", Definitions(User, installation.State.RabbitMqPassword, "cpf"));
        // What infra/local/rabbitmq.sh imports to make another virtual host for the same user.
        File("vhost.json.template", Definitions(User, password: null, "@VHOST@"));
        File("settings.sh", ShellEnvironment(folder, installation.Home, installation.Hash, installation.State.Ports));
    }

    /// <summary>
    /// The definitions replace the broker's defaults, so no user <c>guest</c> is ever made. The broker takes messages of up to 128 MiB
    /// otherwise. A service's client drops its connection for one of more than 64 MiB, and with it everything it consumes, again and again.
    /// </summary>
    public static string Configuration(string folder, IReadOnlyDictionary<string, int> ports) =>
        string.Create(CultureInfo.InvariantCulture, $"""
        listeners.tcp.1 = 127.0.0.1:{ports[Component.RabbitMq]}
        management.tcp.ip = 127.0.0.1
        management.tcp.port = {ports[Component.RabbitMqManagement]}
        management_agent.disable_metrics_collector = true
        load_definitions = {folder}/definitions.json
        vm_memory_high_watermark.absolute = 2GB
        disk_free_limit.absolute = 500MB
        max_message_size = 16777216
        raft.wal_max_size_bytes = 67108864
        log.console.level = info

        """);

    /// <summary>Where rabbitmqadmin finds the broker. The password is here so that it is on no command line.</summary>
    public static string Admin(string password, IReadOnlyDictionary<string, int> ports) => string.Create(CultureInfo.InvariantCulture, $"""
        [default]
        hostname = 127.0.0.1
        port = {ports[Component.RabbitMqManagement]}
        username = {User}
        password = {password}
        vhost = cpf

        """);

    /// <summary>
    /// One virtual host with the user's rights and the policy that bounds redelivery: RabbitMQ before 4.0 redelivers for ever, so a message
    /// that crashes its consumer's process would be tried without end. What reaches the limit is kept in the queue cpf.dead-letter, which
    /// the services declare.
    /// </summary>
    /// <param name="password">Null leaves the user as it is.</param>
    public static string Definitions(string user, string? password, string virtualHost) =>
        JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["users"] = password is null
            ? Array.Empty<object>()
            : new object[]
            {
                new { name = user, password_hash = PasswordHash(password), hashing_algorithm = "rabbit_password_hashing_sha256",
                    tags = "administrator" },
            },
        ["vhosts"] = new object[] { new { name = virtualHost } },
        ["permissions"] = new object[] { new { user, vhost = virtualHost, configure = ".*", write = ".*", read = ".*" } },
        ["policies"] = new object[]
        {
            new Dictionary<string, object>
            {
                ["vhost"] = virtualHost,
                ["name"] = "delivery-limit",
                ["pattern"] = "^(?!cpf\\.dead-letter$)",
                ["apply-to"] = "queues",
                ["definition"] = new Dictionary<string, object> { ["delivery-limit"] = 5, ["dead-letter-exchange"] = "cpf.dead-letter" },
                ["priority"] = 0,
            },
        },
        ["queues"] = Array.Empty<object>(),
        ["exchanges"] = Array.Empty<object>(),
        ["bindings"] = Array.Empty<object>(),
        ["parameters"] = Array.Empty<object>(),
    });

    /// <summary>
    /// base64(salt of 4 bytes + SHA-256(salt + password)), as RabbitMQ stores it. The salt follows from the password, so that the file
    /// stays the same.
    /// </summary>
    public static string PasswordHash(string password)
    {
        var text = Encoding.UTF8.GetBytes(password);
        var salt = SHA256.HashData([.. "cpf"u8, .. text])[..4];
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. text])]);
    }

    /// <summary>Environment of the broker and of its tools, for a shell to read.</summary>
    public static string ShellEnvironment(string folder, string home, string hash, IReadOnlyDictionary<string, int> ports)
    {
        const string loopback = "-kernel inet_dist_use_interface {127,0,0,1}";
        var variables = new (string Name, string Value)[]
        {
            (ProcessTable.Marker, home),
            ("HOME", $"{folder}/home"), // the cookie is there
            ("LANG", "C.UTF-8"),
            ("LC_ALL", "C.UTF-8"),
            ("ERL_EPMD_PORT", Text(ports[Component.Epmd])),
            ("ERL_EPMD_ADDRESS", "127.0.0.1"),
            ("ERL_CRASH_DUMP", $"{folder}/erl_crash.dump"),
            ("RABBITMQ_NODENAME", $"cpf-{hash}@localhost"),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
            ("RABBITMQ_NODE_PORT", Text(ports[Component.RabbitMq])),
            ("RABBITMQ_DIST_PORT", Text(ports[Component.RabbitMqDistribution])),
            ("RABBITMQ_CONF_ENV_FILE", $"{folder}/env.conf"),
            ("RABBITMQ_CONFIG_FILE", $"{folder}/rabbitmq.conf"),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", $"{folder}/advanced.config"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", $"{folder}/enabled_plugins"),
            ("RABBITMQ_GENERATED_CONFIG_DIR", $"{folder}/generated"),
            ("RABBITMQ_SCHEMA_DIR", $"{folder}/schema"),
            ("RABBITMQ_PLUGINS_EXPAND_DIR", $"{folder}/plugins"),
            ("RABBITMQ_MNESIA_BASE", $"{folder}/mnesia"),
            ("RABBITMQ_LOG_BASE", $"{folder}/log"),
            ("RABBITMQ_LOGS", "-"),
            ("RABBITMQ_PID_FILE", $"{folder}/pid"),
            // Idle schedulers of Erlang would otherwise spin, on cores that the services need.
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", $"+sbwt none +sbwtdcpu none +sbwtdio none {loopback}"),
            ("RABBITMQ_CTL_ERL_ARGS", loopback),
        };
        var text = new StringBuilder("unset ${!RABBITMQ_@} ${!ERL_@}\n");
        foreach (var (name, value) in variables)
        {
            text.Append(CultureInfo.InvariantCulture, $"export {name}='{value.Replace("'", "'\\''", StringComparison.Ordinal)}'\n");
        }

        return text.ToString();

        static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
    }
}

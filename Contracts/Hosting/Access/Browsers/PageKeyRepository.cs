using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace CpfPipeline.Hosting.Access.Browsers;

/// <summary>
/// Keeps the keys that sign forms and cookies in <c>cpf.page_keys</c>, so that any service takes what another one signed, and so that
/// a restart does not refuse them.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class PageKeyRepository(NpgsqlDataSource dataSource) : IXmlRepository
{
    // The interface is synchronous. It is called at the first form and once a day.
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = dataSource.CreateCommand("select xml from cpf.page_keys order by created_at, name");
        using var reader = command.ExecuteReader();
        var keys = new List<XElement>();
        while (reader.Read())
        {
            keys.Add(XElement.Parse(reader.GetString(0)));
        }

        return keys;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = dataSource.CreateCommand(
            "insert into cpf.page_keys (name, xml) values ($1, $2) on conflict (name) do nothing");
        command.Parameters.Add(new NpgsqlParameter { Value = friendlyName });
        command.Parameters.Add(new NpgsqlParameter { Value = element.ToString(SaveOptions.DisableFormatting) });
        command.ExecuteNonQuery();
    }
}

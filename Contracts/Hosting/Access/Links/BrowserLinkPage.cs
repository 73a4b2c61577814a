using System.Net;

namespace CpfPipeline.Hosting.Access.Links;

/// <summary>Asks who followed a link whether to sign in. Every service has it, also those without pages.</summary>
internal static class BrowserLinkPage
{
    /// <summary>The page.</summary>
    /// <param name="name">Name of the key.</param>
    /// <param name="to">Where to go on, a path of this service.</param>
    public static string Of(string name, string to) =>
        $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Sign in · CpfPipeline</title>
        </head>
        <body>
            <main>
                <h1>Sign in as {WebUtility.HtmlEncode(name)}?</h1>
                <form method="post">
                    <input type="hidden" name="to" value="{WebUtility.HtmlEncode(to)}">
                    <button type="submit" autofocus>Sign in</button>
                </form>
                <p>This browser stays signed in for twelve hours. The link works once.</p>
            </main>
        </body>
        </html>
        """;
}

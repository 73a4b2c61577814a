using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CpfPipeline.Matcher.Pages.Frame;

/// <summary>Answers that are pages.</summary>
internal static class PageResults
{
    /// <summary>A page.</summary>
    /// <typeparam name="TPage">Its component.</typeparam>
    /// <param name="parameters">An object whose properties are the component's parameters.</param>
    public static IResult Of<TPage>(object parameters)
        where TPage : IComponent => new RazorComponentResult<TPage>(parameters);

    /// <summary>A page with another status than 200.</summary>
    public static IResult Of<TPage>(int statusCode, object parameters)
        where TPage : IComponent => new RazorComponentResult<TPage>(parameters) { StatusCode = statusCode };

    /// <summary>A page that says what was wrong.</summary>
    public static IResult Message(int statusCode, string title, string text, string? searched = null) =>
        new RazorComponentResult<MessagePage>(new { Title = title, Text = text, Searched = searched }) { StatusCode = statusCode };
}

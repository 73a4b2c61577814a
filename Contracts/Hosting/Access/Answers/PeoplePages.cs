using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Hosting.Access.Answers;

/// <summary>A service with pages for people registers how they are told that they must sign in, or may not do something.</summary>
/// <param name="SignIn">Address of the page where they sign in; it takes where to go on as <c>to</c>.</param>
/// <param name="Refuse">Makes a page of a status and a text.</param>
public sealed record PeoplePages(string SignIn, Func<HttpContext, int, string, IResult> Refuse);

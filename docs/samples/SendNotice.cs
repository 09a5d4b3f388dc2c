// Sends a notice and waits until it is on its way: Main in a console project of .NET, or
// mcs -r:System.Net.Http.dll SendNotice.cs && mono SendNotice.exe wang.lei
//
// POSTHOUSE_URL is https://chat.example.org:5281, POSTHOUSE_KEY the key of the application, the argument who gets it.
// The server's authority, ca.pem, must be among those that the computer trusts.
// System.Text.Json takes the place of the two patterns in a program that does more.
using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

public static class SendNotice
{
    private static readonly HttpClient Client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };

    public static void Main(string[] arguments)
    {
        Send(arguments[0]).GetAwaiter().GetResult();
    }

    private static async Task Send(string person)
    {
        Client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("POSTHOUSE_KEY"));
        var notice = "{\"to\": {\"people\": [\"" + person + "\"]}, \"title\": \"请假待审批\", "
            + "\"text\": \"陈静，3天\", \"idempotencyKey\": \"leave-20\"}";
        var id = First("\"id\":\"(m-[0-9a-f]+)\"", await Ask(HttpMethod.Post, "/messages", notice));
        Console.WriteLine("sent as " + id);
        var state = "accepted";
        while (state == "accepted")
        {
            await Task.Delay(200);
            state = First("\"state\":\"(\\w+)\"", await Ask(HttpMethod.Get, "/messages/" + id, null));
        }
        Console.WriteLine(person + " " + state);
    }

    private static async Task<string> Ask(HttpMethod method, string path, string body)
    {
        var request = new HttpRequestMessage(method, Environment.GetEnvironmentVariable("POSTHOUSE_URL") + "/api/v1" + path);
        if (body != null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }
        var answer = await Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException((int)answer.StatusCode + " " + text);
        }
        return text;
    }

    private static string First(string pattern, string text)
    {
        var found = Regex.Match(text, pattern);
        if (!found.Success)
        {
            throw new FormatException("an unexpected answer: " + text);
        }
        return found.Groups[1].Value;
    }
}
